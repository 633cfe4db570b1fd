"""Who runs the tasks of a round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from vgp.backends.task import Lived, Shared, Task, live


@runtime_checkable
class Executor(Protocol):
    """Runs tasks somewhere. A task whose worker is gone is run again, for it is a pure function; an error that it raises is raised.

    KeyboardInterrupt may come at any time while tasks run: they are then given up.
    """

    def share(self, shared: Shared) -> Any:
        """Brings to the workers what all tasks have in common; what it returns goes before every batch of tasks."""

    def run(self, handle: Any, tasks: Sequence[Task]) -> list[Lived]:
        """Results in the order of the tasks. Raises what `live` raises, and BackendError where workers keep being lost."""

    def close(self) -> None:
        """Frees what workers hold of this run."""


class Serial(Executor):
    """One after the other, in this process."""

    def share(self, shared: Shared) -> Shared:
        return shared

    def run(self, handle: Shared, tasks: Sequence[Task]) -> list[Lived]:
        return [live(handle, task) for task in tasks]

    def close(self) -> None:
        """Nothing is held."""
