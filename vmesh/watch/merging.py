"""The front of all workers' fronts: of each size the best formula that beats every smaller one, and which to recommend."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

from vgp.choice import choose
from vmesh.figures.record import Figures
from vmesh.watch.view import Found


@dataclass(frozen=True, slots=True)
class Scored:
    """What the rule of `vgp.choice` looks at."""

    size: int
    constants: int
    loss: float
    r2: float


def merged(all_figures: Iterable[Figures]) -> tuple[Found, ...]:
    """Fronts can be compared on one table with one loss: those on the newest table, with the loss that most of them use."""
    told = [figures for figures in all_figures if figures.front]
    newest = max((figures.data_version for figures in told), default=0)
    told = [figures for figures in told if figures.data_version == newest]
    losses = [figures.loss for figures in told]
    loss = max(dict.fromkeys(losses), key=losses.count, default="")
    told = [figures for figures in told if figures.loss == loss]
    rows = max((figures.data_rows for figures in told), default=0)
    found = sorted(
        (Found(row, figures.name) for figures in told for row in figures.front or ()), key=lambda one: (one.row.size, one.row.loss)
    )
    kept: list[Found] = []
    for one in found:
        if not kept or one.row.loss < kept[-1].row.loss:
            kept.append(one)
    return _marked(kept, rows, loss)


def _marked(front: list[Found], rows: int, loss: str) -> tuple[Found, ...]:
    if not front:
        return ()
    rated = ((one.row, math.nan if one.row.r2 is None else one.row.r2) for one in front)
    scores = [Scored(row.size, row.constants, row.loss, r2) for row, r2 in rated]
    best = choose(scores, max(rows, 1), loss or "squared")
    return tuple(
        dataclasses.replace(one, row=dataclasses.replace(one.row, chosen=place == best)) for place, one in enumerate(front)
    )
