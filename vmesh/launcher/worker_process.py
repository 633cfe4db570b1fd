"""One worker process: started so that it cannot outlive the launcher, listened to, ended with all that it started."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vmesh import lifeline

MOST_LINE = 4000  # bytes: with its end it is written in one piece, and a line without an end is not kept


@dataclass(frozen=True, slots=True)
class Ready:
    """What a worker tells once it takes part: where it hears its peers and administrators."""

    address: str
    admin: str


class WorkerProcess:
    """A running worker. `output` is what it prints, `readiness` where it tells that it is ready; both are read without waiting."""

    def __init__(self, command: Callable[[int, int], Sequence[str]], environment: Mapping[str, str]) -> None:
        self.output, output = os.pipe2(os.O_CLOEXEC)
        self.readiness, readiness = os.pipe2(os.O_CLOEXEC)
        other_end, self._lifeline = os.pipe2(os.O_CLOEXEC)
        parent = os.getpid()
        try:
            self._process = subprocess.Popen(
                command(readiness, other_end),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                pass_fds=(readiness, other_end),
                start_new_session=True,  # a terminal's Ctrl-C reaches the launcher alone, which then decides
                preexec_fn=lambda: lifeline.die_with_parent(parent),  # noqa: PLW1509
            )
        except BaseException:
            self.close()
            raise
        finally:
            for fd in (output, readiness, other_end):
                os.close(fd)
        self.pid = self._process.pid
        self.ready: Ready | None = None
        self.last_words = ""
        self.open = {self.output, self.readiness}  # what is still to be listened to
        self._text = b""
        self._ready_text = b""
        for fd in (self.output, self.readiness):
            os.set_blocking(fd, False)

    def lines(self) -> list[str]:
        """The whole lines of what was printed since, one read of it."""
        pieces = (self._text + self._read(self.output)).split(b"\n")
        self._text = b"" if len(pieces[-1]) > MOST_LINE else pieces.pop()
        return [piece[:MOST_LINE].decode(errors="replace") for piece in pieces if piece.strip()]

    def rest(self) -> list[str]:
        """All lines that are left when it has ended, also one without an end."""
        pieces = [self._text]
        while piece := self._read(self.output):
            pieces.append(piece)
        return [line[:MOST_LINE].decode(errors="replace") for line in b"".join(pieces).split(b"\n") if line.strip()]

    def look_whether_ready(self) -> bool:
        """True once: when the worker has just told that it takes part."""
        self._ready_text = (self._ready_text + self._read(self.readiness))[:MOST_LINE]
        line, end, _ = self._ready_text.partition(b"\n")
        if self.ready is not None or not end:
            return False
        try:
            content = json.loads(line)
            self.ready = Ready(str(content["address"]), str(content["admin"]))
        except (ValueError, KeyError, TypeError):
            return False
        return True

    def ended(self) -> int | None:
        """The exit status, negative for a signal, or None while it runs. What it left running is killed."""
        try:
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
        except ChildProcessError:
            return self._process.poll()
        self.kill()  # its number is not given to another process before it has been waited for, in the next line
        return self._process.wait()

    def stop(self) -> None:
        """Asks it to checkpoint and leave."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it and all processes of its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Lets go of its pipes; a worker that still runs is killed by that."""
        for fd in (self.output, self.readiness, self._lifeline):
            with contextlib.suppress(OSError):
                os.close(fd)
        self.output = self.readiness = self._lifeline = -1
        self.open.clear()

    def _read(self, fd: int) -> bytes:
        try:
            piece = os.read(fd, 1 << 16) if fd in self.open else b""
        except BlockingIOError:
            return b""
        if not piece:
            self.open.discard(fd)
        return piece
