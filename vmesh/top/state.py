"""What `vmesh top` shows, as a value: keys make a new one of it, and panels are drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

TABLE, DETAILS, HELP = "table", "details", "help"


@dataclass(frozen=True, slots=True)
class Request:
    """A command for one worker, or (None) for all; obeyed when the user has said yes."""

    command: str
    worker: str | None

    def question(self, workers: int) -> str:
        """What to ask before it is done."""
        whom = self.worker if self.worker is not None else f"all {workers} workers" if workers != 1 else "the only worker"
        return f"{self.command} {whom}?"


@dataclass(frozen=True, slots=True)
class State:
    """`order` names the column that workers stand by, largest first where `falling`; `first` is the first row shown."""

    page: str = TABLE
    selected: str = ""
    place: int = 0  # of the selected one among the rows
    first: int = 0
    order: str = "worker"
    falling: bool = False
    filter: str = ""
    typing: bool = False  # the filter
    asking: Request | None = None
    frozen: bool = False
    message: str = ""
    failed: bool = False  # what the message tells of
    ended: bool = False


def settled(state: State, names: Sequence[str], rows: int) -> State:
    """The same with a selected worker that exists, in sight: workers come and go, and change places."""
    if not names:
        return replace(state, place=0, first=0)
    place = names.index(state.selected) if state.selected in names else min(max(state.place, 0), len(names) - 1)
    rows = max(rows, 1)
    first = min(max(state.first, place - rows + 1), place)
    return replace(state, selected=names[place], place=place, first=max(min(first, len(names) - rows), 0))


def told(state: State, message: str, failed: bool = False) -> State:
    """With a message in the last row."""
    return replace(state, message=message, failed=failed)
