"""Islands as tasks of an executor, as a backend."""

from __future__ import annotations

from collections.abc import Callable

from vgp.backends.executors import Executor
from vgp.backends.islands import Islands, Start
from vgp.backends.rounds import Rounds


class Tasks:
    """`executor` makes one for a run of so many islands."""

    def __init__(self, executor: Callable[[int], Executor]) -> None:
        self._executor = executor

    def open(self, start: Start) -> Islands:
        """New islands, or those of a state."""
        executor = self._executor(start.jobs)
        try:
            return Rounds(executor, start)
        except BaseException:
            executor.close()
            raise
