"""Ctrl-C, SIGTERM and SIGHUP ask for a stop; the second one ends everything at once. SIGCHLD only wakes the launcher up."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ASKED = -1  # in the place of a signal's number
SAME_REQUEST = 0.3  # seconds in which a terminal and a parent pass on one and the same keystroke

T = TypeVar("T")


class StopSignals:
    """Watches the signals for as long as its `with` block lasts; `wake_fd` becomes readable with each. For the main thread."""

    def __init__(self) -> None:
        self.received = 0  # the first one's number; 0: none
        self._at = 0.0
        self._exposed = False
        self._before: dict[int, object] = {}
        self.wake_fd, self._waker = -1, -1

    def __enter__(self) -> "StopSignals":
        self.wake_fd, self._waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._watch()
        return self

    def __exit__(self, *_: object) -> None:
        self._unwatch()
        os.close(self.wake_fd)
        os.close(self._waker)

    def _watch(self) -> None:
        self._fd_before = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in STOPPING:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup says: go on without a terminal
                self._before[number] = signal.signal(number, self._handle)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)

    def _unwatch(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._fd_before)

    def ask(self) -> None:
        """As if a signal had come: for a program that has the mesh in it."""
        self.received = self.received or ASKED

    def wake(self) -> None:
        """Makes `wake_fd` readable; from any thread."""
        with contextlib.suppress(BlockingIOError):  # it is
            os.write(self._waker, b"\0")

    def drain(self) -> None:
        """Makes `wake_fd` quiet again."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.wake_fd, 4096):
                pass

    def attempt(self, work: Callable[[], T]) -> T | None:
        """work(), cut short by the first signal: then None."""
        try:
            self._exposed = True
            return None if self.received else work()
        except KeyboardInterrupt:
            if not self.received:
                raise
            return None
        finally:
            self._exposed = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self.received:
            self.received, self._at = number, now
            if self._exposed:
                raise KeyboardInterrupt
        elif now - self._at > SAME_REQUEST:
            raise KeyboardInterrupt


class Unwatched(StopSignals):
    """The same in a thread that no signal reaches: it is woken up and asked, no more."""

    def _watch(self) -> None:
        """Handlers belong to the main thread."""

    def _unwatch(self) -> None:
        """There is nothing to put back."""
