"""The process that serves the web page of this mesh: beside the workers, so that nothing that happens to it happens to them.

It is started when there is something to see, started again when it fails, given up when it fails often; the mesh goes on without.
"""

import logging
import os
import sys
import time

from vmesh.launcher.plan import Plan
from vmesh.launcher.relay import Relay
from vmesh.launcher.respawn import OVER, Respawn, State
from vmesh.launcher.supervisor import after_colon, explained
from vmesh.launcher.worker_process import WorkerProcess
from vmesh.page.access import VARIABLE, new_token

PROGRAM = (sys.executable, "-m", "vmesh", "page")
NAME = "the web page"

log = logging.getLogger(__name__)


class PageProcess:
    """`look` is called now and then and never waits; `end` in any case."""

    def __init__(self, plan: Plan, relay: Relay) -> None:
        self._plan, self._relay = plan, relay
        self._settings = plan.settings.page
        self._respawn = Respawn(plan.settings.launcher)
        self._process: WorkerProcess | None = None
        self._token = new_token()

    def look(self) -> None:
        """Starts it where that is due, hears it, buries it."""
        if not self._settings.enabled or self._respawn.state in OVER:
            return
        if self._process is None:
            if time.monotonic() >= self._respawn.due:
                self._start()
            return
        for line in self._process.lines():
            self._pass_on(line)
        if self._process.look_whether_ready():
            self._tell_where()
        status = self._process.ended()
        if status is not None:
            self._bury(status)

    def end(self) -> None:
        """It has nothing to keep."""
        if self._process is not None:
            self._process.kill()
            while self._process.ended() is None:
                time.sleep(0.005)
            self._process.close()
            self._process = None

    def _start(self) -> None:
        try:
            self._process = WorkerProcess(self._command, {**self._plan.environment(), VARIABLE: self._token})
        except OSError as error:
            self._complain(self._respawn.ended(1, time.monotonic()).state, f"cannot be started: {error.strerror}")
            return
        self._respawn.started(time.monotonic())

    def _command(self, ready_fd: int, lifeline_fd: int) -> list[str]:
        settings, network = self._settings, self._plan.settings.network
        words = [*PROGRAM, "--of", str(os.getpid()), "--title", self._plan.hostname, "--port", str(settings.port)]
        words += ["--ready-fd", str(ready_fd), "--lifeline-fd", str(lifeline_fd)]
        named = {"--token-file": settings.token_file, "--credentials": network.credentials, "--key": settings.key}
        return words + [word for option, value in named.items() if value for word in (option, value)]

    def _pass_on(self, line: str) -> None:
        assert self._process is not None
        self._process.last_words = self._relay.pass_on(f"{self._plan.hostname}/page", line) or self._process.last_words

    def _tell_where(self) -> None:
        """A token that has a file of its own stays out of logs."""
        ready = self._process.ready if self._process is not None else None
        address = ready.address if ready is not None else ""
        if self._settings.token_file:
            log.info("%s is at %s/, its token in %s", NAME, address.rsplit("/", 2)[0], self._settings.token_file)
        else:
            log.info("watch it: %s", address)

    def _bury(self, status: int) -> None:
        process, self._process = self._process, None
        assert process is not None
        for line in process.rest():
            process.last_words = self._relay.pass_on(f"{self._plan.hostname}/page", line) or process.last_words
        process.close()
        self._complain(self._respawn.ended(status, time.monotonic()).state, explained(status) + after_colon(process.last_words))

    def _complain(self, state: State, what: str) -> None:
        if state is State.WAITING:
            log.warning("%s %s; it is started again", NAME, what)
        else:
            log.error("%s %s; the mesh goes on without it", NAME, what)
