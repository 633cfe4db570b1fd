"""Ctrl-C and its like: end the run at once, keep what was found.

The first signal raises KeyboardInterrupt inside `attempt` only (the evolution leaves a consistent island behind);
anywhere else it is remembered. A second one within a moment is the same finger on the same key. A later one ends the program,
with temporary files removed on the way out.
"""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME_KEYSTROKE = 1.0  # seconds

T = TypeVar("T")


class Interrupts:
    """Watches the signals for as long as its `with` block lasts. Use it in the main thread."""

    def __init__(self) -> None:
        self.received = 0  # the first signal's number; 0: none
        self._first_at = 0.0
        self._exposed = False
        self._before: dict[int, object] = {}

    @property
    def exit_status(self) -> int:
        """As shells count: 128 + the signal; 0 without one."""
        return 128 + self.received if self.received else 0

    def __enter__(self) -> "Interrupts":
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def attempt(self, work: Callable[[], T]) -> T | None:
        """work(), cut short by the first signal: then None. None at once if that signal has been received before."""
        try:
            self._exposed = True
            if self.received:
                self._exposed = False
                return None
            result = work()
            self._exposed = False
            return result
        except KeyboardInterrupt:
            self._exposed = False
            if not self.received:
                raise
            return None
        except BaseException:
            self._exposed = False
            raise

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self.received:
            self.received, self._first_at = number, now
            if self._exposed:
                raise KeyboardInterrupt
        elif now - self._first_at > SAME_KEYSTROKE:
            raise KeyboardInterrupt
