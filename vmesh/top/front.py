"""The best formulas of the mesh, the recommended one marked."""

from __future__ import annotations

from collections.abc import Sequence

from vmesh.drawing.cells import Row, block, clean, right
from vmesh.top import figures
from vmesh.top.picture import Scene, rule
from vmesh.watch.view import Found

MARK = "▸"


def front(scene: Scene, columns: int, height: int) -> list[Row]:
    """The most accurate ones that there is room for; the recommended one is always there."""
    found = scene.view.front
    more = figures.plural(len(found), "formula") if found else ""
    rows = [rule("front", columns, more)]
    if not found:
        return block([*rows, [("dim", "no formula yet")]], columns, height)
    rows.append([("dim", f"{'size':>6} {'loss':>10} {'R2':>8}  formula")])
    rows += [_row(one) for one in shown(found, height - len(rows))]
    return block(rows, columns, height)


def shown(found: Sequence[Found], room: int) -> list[Found]:
    """The last `room` of the front, with the recommended one in place of the first where it is not among them."""
    if room <= 0:
        return []
    kept = list(found[-room:])
    chosen = next((one for one in found if one.row.chosen), None)
    return kept if chosen is None or chosen in kept else [chosen, *kept[1:]]


def _row(one: Found) -> Row:
    row = one.row
    style = "good" if row.chosen else ""
    return [
        (style, MARK if row.chosen else " "),
        (style, right(figures.amount(row.size), 5)),
        ("", " " + right(figures.loss(row.loss), 10)),
        ("", " " + right(figures.r2(row.r2), 8)),
        ("", "  "),
        (style, clean(row.formula)),
    ]


def formula_rows(scene: Scene) -> list[tuple[str, str, str, str, str]]:
    """The whole front as words, for a table without a width: mark, size, loss, R2, formula."""
    return [
        ("*" if one.row.chosen else "", str(one.row.size), figures.loss(one.row.loss), figures.r2(one.row.r2), one.row.formula)
        for one in scene.view.front
    ]
