"""The agent of a node: tells how it does, and ends it in time. The main flow of `vmesh agent`.

    observe   the launcher's status file, or systemd where there is none         what the record says
    ending    a spot notice, the end of max_hours, SIGTERM                       why the node leaves
    tell      the record: at each change, every 2 s while starting, every minute
    leave     workers checkpoint and copy, journal and histories go to S3; power-off at the end of max_hours

It survives S3 and the metadata service: what cannot be asked is asked again later, what cannot be written waits (post.py).
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from vmesh.cloud import launcher_status
from vmesh.cloud.agent_settings import AgentSettings
from vmesh.cloud.faults import Unreachable
from vmesh.cloud.host import Service
from vmesh.cloud.launcher_status import LauncherStatus
from vmesh.cloud.metadata import seconds
from vmesh.cloud.places import history_key, log_key, record_key
from vmesh.cloud.record import EACH, Record

SPOT = "meta-data/spot/instance-action"
SPOT_SECONDS, SPOT_LONGEST = 5.0, 60.0  # between two looks for a notice; the second while there is no answer
STARTING_SECONDS = 2.0  # between two looks, and two records, until all workers evolve
STEADY_SECONDS = 5.0  # between two looks after that
LEAVING_SECONDS = 90.0  # that workers have to leave; a spot notice comes 120 s before the end
SENDING_SECONDS = 20.0  # that S3 has to take the last record and the journal, and then the same again for the histories
CERTAIN_SECONDS = 60.0  # of running before max_hours is looked at: the clock of a machine just booted may be wrong

log = logging.getLogger(__name__)


class Machine(Protocol):
    """What vmesh/cloud/host.py offers."""

    def service(self) -> Service: ...
    def going_down(self) -> bool: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def power_off(self) -> None: ...
    def last_words(self) -> str: ...
    def journal(self) -> bytes: ...
    def histories(self) -> Iterable[tuple[str, bytes]]: ...


class Notices(Protocol):
    """What of vmesh/cloud/metadata.py is needed."""

    def get(self, path: str) -> str | None: ...


class Mail(Protocol):
    """What of vmesh/cloud/post.py is needed."""

    def send(self, key: str, content: bytes) -> None: ...
    def flush(self, seconds: float) -> bool: ...


class Time(Protocol):
    """Passed in, so that tests have a time of their own."""

    asked_to_stop: bool

    def now(self) -> float:
        """Seconds since 1970."""

    def running(self) -> float:
        """Seconds that only grow."""

    def wait(self, seconds: float) -> None:
        """Until then, or until the agent is asked to stop."""


class Agent:
    """Looks after one node. `look`: the launcher's status at a time, None without one."""

    def __init__(
        self,
        settings: AgentSettings,
        machine: Machine,
        notices: Notices,
        mail: Mail,
        time: Time,
        look: Callable[[str, float], LauncherStatus | None] = launcher_status.look,
    ) -> None:
        self.settings, self._machine, self._notices, self._mail, self._time = settings, machine, notices, mail, time
        self._look = look
        same = ("index", "instance", "name", "private", "public", "mesh", "admin", "started", "bundle")
        until = settings.started + 3600 * settings.max_hours if settings.max_hours else None
        self.record = Record(state="starting", until=until, **{name: getattr(settings, name) for name in same})
        self._told: Record | None = None
        self._began = time.running()
        self._spot_due, self._spot_pause = 0.0, SPOT_SECONDS

    def run(self) -> None:
        """Until the node has left and somebody stops this process."""
        while True:
            self.observe()
            why = self.ending()
            if why:
                break
            self.tell()
            self._time.wait(STEADY_SECONDS if self.record.state == "evolving" else STARTING_SECONDS)
        self.leave(why)

    # --- what there is to tell ---

    def observe(self) -> None:
        """How the workers are."""
        status = self._look(self.settings.status_file, self._time.now())
        if status is not None:
            self._change(**told_by(status), state=state_of(status, self.record.state), reason="")
            return
        service = self._machine.service()
        if service.state == "failed":
            if self.record.state != "failed":
                self._change(state="failed", reason=self._failure(service), workers_evolving=0)
        elif service.state == "inactive" and self.record.state in ("evolving", "leaving"):
            self._change(state="left", reason="", workers_evolving=0)
        elif service.state in ("active", "activating") and self.record.state != "evolving":
            self._change(state="starting", reason="")

    def _failure(self, service: Service) -> str:
        words = self._machine.last_words() or f"it ended with {service.result}"
        return f"vmesh.service failed: {words[:300]}; look at journalctl -u vmesh on the node"

    def _change(self, **values: Any) -> None:
        before, self.record = self.record, dataclasses.replace(self.record, **values)
        if before.state != self.record.state:
            log.info("%s%s", self.record.state, f": {self.record.reason}" if self.record.reason else "")

    def tell(self) -> None:
        """Writes the record if it is time to."""
        told, now = self._told, self._time.now()
        calm = self.record.state in ("evolving", "left", "failed")
        due = told is None or now - told.updated >= (EACH if calm else STARTING_SECONDS) or now < told.updated
        if due or told is None or essence(told) != essence(self.record):
            self._told = self.record = dataclasses.replace(self.record, updated=now)
            self._mail.send(record_key(self.settings.cluster, self.settings.index), self.record.to_bytes())

    # --- the end ---

    def ending(self) -> str:
        """Why the node has to leave now; empty: it has not."""
        if self._time.asked_to_stop:
            return "stop"
        if self._noticed():
            return "spot"
        over = self.record.until is not None and self._time.now() > self.record.until
        return "max_hours" if over and self._time.running() - self._began > CERTAIN_SECONDS else ""

    def _noticed(self) -> bool:
        """Whether EC2 is about to take the instance away."""
        if self._time.running() < self._spot_due:
            return False
        try:
            notice = noticed(self._notices.get(SPOT))
            self._spot_pause = SPOT_SECONDS
        except Unreachable as error:
            log.warning("%s; asked again in %g s", error, self._spot_pause)
            notice, self._spot_pause = None, min(2 * self._spot_pause, SPOT_LONGEST)
        self._spot_due = self._time.running() + self._spot_pause
        if notice is not None:
            self._change(spot_notice=notice)
        return notice is not None

    def leave(self, why: str) -> None:
        """Lets the workers go, tells it, and ends what has to end."""
        if why == "stop" and not (self._machine.going_down() or self._machine.service().ended):
            log.info("stopped; the workers stay")
            return
        log.info("leaving: %s", {"spot": "the instance is taken away", "max_hours": "max_hours is over", "stop": "asked to"}[why])
        failed = self.record.state == "failed"
        if not failed:
            self._change(state="leaving")
        self.tell()
        self._let_workers_go()
        if not failed:
            self._change(state="left", workers_evolving=0)
        self.tell()
        self._mail.send(log_key(self.settings.cluster, self.settings.name, self.settings.instance), self._machine.journal())
        if not self._mail.flush(SENDING_SECONDS):
            log.warning("S3 did not take the last record and the journal within %g s", SENDING_SECONDS)
        else:
            self._send_histories()
        if why == "max_hours":
            self._machine.power_off()
        while not self._time.asked_to_stop:  # started again it would take the node for a new one
            self._time.wait(EACH)

    def _send_histories(self) -> None:
        """One after the other: together they may be more than this process shall hold."""
        settings, until = self.settings, self._time.running() + SENDING_SECONDS
        for name, content in self._machine.histories():
            self._mail.send(history_key(settings.cluster, settings.name, settings.instance, name), content)
            if not self._mail.flush(until - self._time.running()):
                log.warning("S3 did not take all histories within %g s", SENDING_SECONDS)
                return

    def _let_workers_go(self) -> None:
        self._machine.stop()
        until = self._time.running() + LEAVING_SECONDS
        while not self._machine.service().ended:
            if self._time.running() > until:
                log.warning("the workers did not leave within %g s and are killed; their last checkpoints stay", LEAVING_SECONDS)
                self._machine.kill()
                return
            self._time.wait(0.5)


def told_by(status: LauncherStatus) -> dict[str, Any]:
    """What a record takes from the launcher."""
    same = ("workers", "workers_evolving", "evaluations", "evaluations_per_second", "best_loss", "r2", "formula")
    found = {name: getattr(status, name) for name in same}
    addresses = {name: getattr(status, name) for name in ("mesh", "admin") if getattr(status, name)}
    return found | addresses


def state_of(status: LauncherStatus, before: str) -> str:
    """A node evolves once all of its workers do, and as long as one does."""
    if status.state == "stopping":
        return "leaving"
    all_of_them = 0 < status.workers <= status.workers_evolving
    return "evolving" if all_of_them or (before == "evolving" and status.workers_evolving > 0) else "starting"


def essence(record: Record) -> tuple[Any, ...]:
    """What is told at once when it changes."""
    return record.state, record.reason, record.workers, record.workers_evolving, record.spot_notice, record.mesh


def noticed(answer: str | None) -> float | None:
    """When the instance is taken away, if that is a notice: {"action": "terminate", "time": "2026-11-23T04:05:06Z"}."""
    try:
        found = json.loads(answer or "")
        return seconds(found["time"]) if found["action"] in ("terminate", "stop", "hibernate") else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
