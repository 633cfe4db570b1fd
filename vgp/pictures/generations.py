"""Where ancestors stand in a family tree: a row for each generation, the oldest above, every parent above its children.

A layered drawing after Sugiyama, Tagawa, Toda (1981): within a row each stands near the middle of its relatives in the rows
beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vgp.ancestors import Ancestor

MOST_ROWS = 10
MOST_IN_A_ROW = 5
SWEEPS = 8

Rows = list[list[Ancestor]]


@dataclass(frozen=True)
class Generations:
    """Rows of ancestors, oldest first, the organism alone in the last one; how many found no room."""

    rows: Rows
    left_out: int

    @property
    def links(self) -> list[tuple[int, int]]:
        """(parent's id, child's id) of all that are shown; a parent that does not stand above is none."""
        level = {one.id: k for k, row in enumerate(self.rows) for one in row}
        pairs = [(parent, one.id) for row in self.rows for one in row for parent in dict.fromkeys(one.parents)]
        return [(parent, child) for parent, child in pairs if level.get(parent, level[child]) < level[child]]


def generations(lineage: Sequence[Ancestor], most_rows: int = MOST_ROWS, most_in_a_row: int = MOST_IN_A_ROW) -> Generations:
    """The last generations of a lineage (oldest first, the organism last). Of a row too long those with the least loss are kept."""
    above = _generations_above(lineage)
    rows: dict[int, list[Ancestor]] = {}
    for one in lineage:
        if above.get(one.id, most_rows) < most_rows:
            rows.setdefault(above[one.id], []).append(one)
    kept = [sorted(rows[k], key=lambda one: (not one.loss < float("inf"), one.loss))[:most_in_a_row] for k in sorted(rows)]
    kept = _related(kept)
    return Generations(_ordered(kept[::-1]), len(lineage) - sum(map(len, kept)))


def _generations_above(lineage: Sequence[Ancestor]) -> dict[int, int]:
    """How many generations each one stands above the organism: its longest way down. Ids that are not its kin are not named.

    Children come after their parents in a lineage, so one walk back suffices; a parent that comes later is no parent.
    """
    position = {one.id: i for i, one in enumerate(lineage)}
    above = {lineage[-1].id: 0}
    for i in range(len(lineage) - 1, -1, -1):
        one = lineage[i]
        if one.id in above:
            for parent in one.parents:
                if position.get(parent, i) < i:
                    above[parent] = max(above.get(parent, 0), above[one.id] + 1)
    return above


def _related(rows: Rows) -> Rows:
    """Without those whose children all found no room: from the organism (rows[0]) upwards."""
    kept = rows[:1]
    wanted = {parent for one in rows[0] for parent in one.parents}
    for row in rows[1:]:
        kept.append([one for one in row if one.id in wanted])
        wanted |= {parent for one in kept[-1] for parent in one.parents}
    return [row for row in kept if row]


def _ordered(rows: Rows) -> Rows:
    """Each row by the mean position of its relatives in the row before, to and fro, so that few lines cross."""
    kin: dict[int, set[int]] = {one.id: set(one.parents) for row in rows for one in row}
    for row in rows:
        for one in row:
            for parent in one.parents:
                if parent in kin:
                    kin[parent].add(one.id)
    for sweep in range(SWEEPS):
        order = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for k in order:
            beside = positions([rows[k - 1] if sweep % 2 == 0 else rows[k + 1]])
            rows[k] = sorted(rows[k], key=lambda one, beside=beside: _middle(kin[one.id], beside))  # type: ignore[misc]
    return rows


def _middle(relatives: set[int], beside: Mapping[int, tuple[float, int]]) -> float:
    places = [beside[id][0] for id in relatives if id in beside]
    return sum(places) / len(places) if places else 0.5


def positions(rows: Rows) -> dict[int, tuple[float, int]]:
    """(x from 0 to 1, row) of each id: evenly within its row."""
    return {one.id: ((i + 0.5) / len(row), k) for k, row in enumerate(rows) for i, one in enumerate(row)}
