"""What panels are made from: a view, what was before, what the user chose, in the order that the user chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmesh.drawing.cells import Row, clip, width
from vmesh.top.columns import Member
from vmesh.top.listing import matching, members, ordered
from vmesh.top.state import State
from vmesh.top.trends import Trends
from vmesh.watch.view import View


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture's contents. `known`: everybody; `members`: those shown, in their order."""

    view: View
    trends: Trends
    state: State
    known: Sequence[Member]
    members: Sequence[Member]
    title: str = ""
    kind: str = "live"
    age: float = 0.0  # seconds since the view was made

    @property
    def member(self) -> Member | None:
        """The selected one, also where the filter hides it."""
        return next((member for member in self.known if member.name == self.state.selected), None)


def scene_of(view: View, trends: Trends, state: State, title: str = "", kind: str = "live", age: float = 0.0) -> Scene:
    """With the workers that the state's filter leaves, in its order."""
    known = members(view)
    shown = ordered(matching(known, state.filter), state.order, state.falling)
    return Scene(view, trends, state, known, shown, title, kind, age)


def rule(title: str, columns: int, more: str = "") -> Row:
    """A heading with a line to the end."""
    text = clip(f"{title}  {more}" if more else title, max(columns - 4, 0))
    head = text[: len(title)]
    row: Row = [("dim", "─ "), ("title", head), ("dim", text[len(head) :] + " ")]
    return [*row, ("dim", "─" * max(columns - 3 - width(text), 0))]


def items(parts: Sequence[Row], columns: int, gap: str = "   ") -> Row:
    """As many parts in one row as there is room for, whole ones only; the first is always there."""
    row: Row = []
    taken = 0
    for part in parts:
        size = sum(width(text) for _, text in part) + (len(gap) if row else 0)
        if row and taken + size > columns:
            continue
        row += [*([("", gap)] if row else []), *part]
        taken += size
    return row
