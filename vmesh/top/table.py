"""The table of workers: their rows, and the columns that fit."""

from __future__ import annotations

from collections.abc import Sequence

from vmesh.drawing.cells import Row, block, clean, fitted, left, right, styled, width
from vmesh.top.columns import COLUMNS, SILENT, Column, Member
from vmesh.top.picture import Scene

WIDEST_NAME = 28
GAP = " "


def fitting(columns: int, name_width: int) -> list[Column]:
    """As many columns as there is room for, the important ones first, in their order."""
    room, kept = columns - name_width, {COLUMNS[0].name}
    for column in sorted(COLUMNS[1:], key=lambda column: column.rank):
        if column.width + len(GAP) > room:
            break
        room -= column.width + len(GAP)
        kept.add(column.name)
    return [column for column in COLUMNS if column.name in kept]


def table(scene: Scene, columns: int, height: int) -> list[Row]:
    """Headings and the rows in sight; as long as nobody is left by the filter, it says so."""
    name_width = _name_width(scene, columns)
    shown = fitting(columns, name_width)
    rows = [_headings(scene, shown, name_width)]
    for member in scene.members[scene.state.first : scene.state.first + max(height - 1, 0)]:
        row = _row(member, scene, shown, name_width, columns)
        chosen = member.name == scene.state.selected
        rows.append(styled(fitted(row, columns), "selected") if chosen else row)
    if not scene.members:
        nobody = f"no worker matches {scene.state.filter!r}; Esc shows all" if scene.state.filter else "nobody is known yet"
        rows.append([("dim", nobody)])
    return block(rows, columns, height)


def heading_at(scene: Scene, columns: int, x: int) -> str | None:
    """The column whose heading stands there."""
    name_width = _name_width(scene, columns)
    end = 0
    for column in fitting(columns, name_width):
        end += (name_width if column is COLUMNS[0] else column.width) + len(GAP)
        if x < end:
            return column.name
    return None


def _name_width(scene: Scene, columns: int) -> int:
    widest = max((width(member.name) for member in scene.members), default=0)
    return max(min(widest, WIDEST_NAME, columns // 3), COLUMNS[0].width)


def _headings(scene: Scene, shown: Sequence[Column], name_width: int) -> Row:
    row: Row = []
    for column in shown:
        arrow = ("▼" if scene.state.falling else "▲") if column.name == scene.state.order else ""
        room = name_width if column is COLUMNS[0] else column.width
        text = column.heading[: room - len(arrow)] + arrow
        row += [("bold" if arrow else "dim", (left if column.words else right)(text, room)), ("", GAP)]
    return row


def _row(member: Member, scene: Scene, shown: Sequence[Column], name_width: int, columns: int) -> Row:
    row: Row = []
    for column in shown:
        room = name_width if column is COLUMNS[0] else column.width
        text = clean(column.text(member, scene.trends))
        row += [(column.style(member), (left if column.words else right)(text, room)), ("", GAP)]
        if column.name == "state" and member.state == SILENT and member.why:
            room_left = columns - sum(width(text) for _, text in row)
            return [*row, ("bad", left(clean(member.why), max(room_left, 0)))]
    return row if member.state != SILENT else styled(row, "dim")
