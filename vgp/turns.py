"""Turns of threads: one at a time, and none that asks again and again keeps the others out."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator


class Turns:
    """A lock alone would let a thread that advances without a pause take it again before any other wakes."""

    def __init__(self) -> None:
        self._exclusive = threading.Lock()
        self._waiting: set[object] = set()
        self.at_end: Callable[[], None] = lambda: None  # what is done at the end of each turn, within it, however it ends

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        """One at a time inside the block; after it, those that wait get their turn."""
        turn = object()
        self._waiting.add(turn)
        try:
            with self._exclusive:
                self._waiting.discard(turn)
                try:
                    yield
                finally:
                    self.at_end()
        finally:
            self._waiting.discard(turn)
        if self._waiting:
            time.sleep(0.0005)

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)
