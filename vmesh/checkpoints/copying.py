"""Checkpoints on their way to S3, in a thread of their own: evolution never waits, and of those that wait the newest is kept."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import Any, BinaryIO

from vgp.errors import VgpError
from vmesh.checkpoints.copies import Copies, Stamp

FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0  # seconds after a failure; doubled with every failure in a row


@dataclass(frozen=True, slots=True)
class Waiting:
    """A checkpoint to be copied. It is open: that the name moves on to the next checkpoint does not matter."""

    file: BinaryIO
    size: int
    stamp: Stamp


class Copier:
    """Copies the checkpoints of one life.

    Args:
        copies: where they go.
        life: the worker's incarnation.
        first_pause: seconds before the first repetition of a copy that failed.
    """

    def __init__(self, copies: Copies, life: int, *, first_pause: float = FIRST_PAUSE) -> None:
        self._copies, self._life, self._first_pause = copies, life, first_pause
        self._changed = threading.Condition()
        self._waiting: Waiting | None = None
        self._busy = self._closing = self._abandoned = False
        self._failures = 0
        self._copied: float | None = None  # of the monotonic clock
        self._written = 0  # the stamp submitted last
        self._error = ""
        self._thread = threading.Thread(target=self._run, name="checkpoint copies", daemon=True)
        self._thread.start()

    def submit(self, path: str | os.PathLike[str]) -> None:
        """Has the checkpoint at `path` copied; one that still waits is dropped for it. Returns at once, never raises."""
        try:
            file = open(path, "rb")  # noqa: SIM115 - the thread closes it
            size, written = self._stamp(file.fileno())
        except OSError as error:
            self._error = f"{os.fspath(path)}: cannot be read for its copy: {error.strerror}"
            return
        with self._changed:
            replaced, self._waiting = self._waiting, Waiting(file, size, Stamp(self._life, written))
            self._changed.notify_all()
        if replaced:
            replaced.file.close()

    def _stamp(self, fd: int) -> tuple[int, int]:
        """Size and time of a file; where the clock was set back, the file gets a time after the one before."""
        status = os.fstat(fd)
        written = max(status.st_mtime_ns, self._written + 1)
        self._written = written
        if written != status.st_mtime_ns:
            os.utime(fd, ns=(written, written))
        return status.st_size, written

    def status(self) -> dict[str, Any]:
        """For administrators: where to, how long ago the last copy was complete, whether one is under way, the last error."""
        with self._changed:
            return {
                "url": str(self._copies.folder),
                "age": None if self._copied is None else time.monotonic() - self._copied,
                "pending": self._busy or self._waiting is not None,
                "failures": self._failures,
                "error": self._error,
            }

    def flush(self, timeout: float) -> bool:
        """Waits until nothing is under way; False: it still is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and self._waiting is None, timeout)

    def close(self, timeout: float) -> bool:
        """Copies what waits, but for at most so many seconds; False: it was given up. The process may then end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        done = self.flush(0.0 if self._abandoned else timeout)
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()
        return done

    def _run(self) -> None:
        while (waiting := self._next()) is not None:
            error = self._attempt(waiting)
            self._settle(waiting, error)

    def _next(self) -> Waiting | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._waiting is None or self._abandoned:
                return None
            waiting, self._waiting, self._busy = self._waiting, None, True
            return waiting

    def _attempt(self, waiting: Waiting) -> str:
        """The error, in a line; nothing if the copy is complete."""
        try:
            waiting.file.seek(0)
            self._copies.put(waiting.file, waiting.size, waiting.stamp)
        except VgpError as error:
            return str(error)
        except Exception as error:  # whatever a library raises must not end the copying for good
            return f"{self._copies.folder}: the copy failed: {type(error).__name__}: {' '.join(str(error).split())}"
        return ""

    def _settle(self, waiting: Waiting, error: str) -> None:
        if not error:
            error = self._prune()
            with self._changed:
                self._copied, self._error = time.monotonic(), error
                self._failures, self._busy = 0, False
                self._changed.notify_all()
            waiting.file.close()
            return
        with self._changed:
            self._error = error
            self._failures += 1
            self._busy = False
            if self._waiting is None:
                self._waiting = waiting
            else:
                waiting.file.close()
            self._changed.notify_all()
            if self._closing:
                self._changed.wait_for(lambda: self._abandoned, self._first_pause)
            else:  # the end cuts a long pause short: there is little time left to try once more
                pause = min(self._first_pause * 2 ** min(self._failures - 1, 16), LAST_PAUSE)
                self._changed.wait_for(lambda: self._closing, pause)

    def _prune(self) -> str:
        try:
            self._copies.prune(self._life)
        except VgpError as error:
            return f"old copies are not removed: {error}"
        except Exception as error:  # as above
            return f"old copies are not removed: {type(error).__name__}: {' '.join(str(error).split())}"
        return ""
