"""Where the best organism came from: its ancestors, in plain values that a model file keeps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST_ID = 2**64 - 1


@dataclass(frozen=True)
class Ancestor:
    """One organism of a family tree."""

    id: int
    parents: tuple[int, ...]  # ids, the mother's first; none of a founder or an immigrant
    tick: int  # in which it was born; founders and immigrants: after which they came
    loss: float  # when it was last seen alive, of mini-batches on its own rows; NaN or infinite where it is not known
    size: int  # nodes of the plain formula f
    formula: str  # the whole one, intercept + slope * f, six significant digits


Lineage = tuple[Ancestor, ...]
"""Oldest first; the last one is the organism itself."""


def lineage_body(lineage: Sequence[Ancestor]) -> list[dict[str, Any]]:
    """A lineage as plain values, fit for JSON; `lineage_from` gives it again, with NaN for every loss that is not finite."""
    return [
        {
            "id": one.id,
            "parents": list(one.parents),
            "tick": one.tick,
            "loss": one.loss if math.isfinite(one.loss) else None,
            "size": one.size,
            "formula": one.formula,
        }
        for one in lineage
    ]


def lineage_from(body: Any) -> Lineage:
    """The lineage of `lineage_body`. Raises ValueError, TypeError or KeyError for anything else."""
    if not isinstance(body, list):
        raise TypeError("a lineage that is no list")
    lineage = tuple(_ancestor(row) for row in body)
    if len({one.id for one in lineage}) != len(lineage):
        raise ValueError("an organism that stands twice in its lineage")
    return lineage


def _ancestor(row: Mapping[str, Any]) -> Ancestor:
    if not isinstance(row["formula"], str):
        raise TypeError("a formula that is no text")
    loss = math.nan if row["loss"] is None else float(row["loss"])
    parents = tuple(_count(id) for id in row["parents"])
    return Ancestor(_count(row["id"]), parents, _count(row["tick"]), loss, _count(row["size"]), row["formula"])


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_ID:
        raise ValueError("a number that is no count")
    return value
