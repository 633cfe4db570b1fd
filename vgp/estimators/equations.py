"""The front as a DataFrame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from vgp.front import FrontEntry
from vgp.model import Model

LEAST_LOSS = 1e-300  # below it a logarithm says nothing


def equations(models: Sequence[Model]) -> pd.DataFrame:
    """A row for each entry, sizes rising: size [nodes], loss, r2, score, formula, chosen. With several models one table below the
    other, each counted from 0, and `target` first.

    score: by what the logarithm of the loss falls for each node more than the entry before it, as PySR counts (Cranmer 2023,
    arXiv 2305.01582); 0 for the first.
    """
    columns = ["target", "size", "loss", "r2", "score", "formula", "chosen"]
    table = pd.concat([pd.DataFrame(_rows(model), columns=columns) for model in models])
    return table if len(models) > 1 else table.drop(columns="target")


def _rows(model: Model) -> list[tuple[Any, ...]]:
    before: list[FrontEntry | None] = [None, *model.entries[:-1]]
    return [
        (model.target, entry.size, entry.loss, entry.r2, _score(entry, previous), entry.formula, k == model.chosen)
        for k, (entry, previous) in enumerate(zip(model.entries, before, strict=True))
    ]


def _score(entry: FrontEntry, before: FrontEntry | None) -> float:
    if before is None or entry.size <= before.size:
        return 0.0
    return math.log(max(before.loss, LEAST_LOSS) / max(entry.loss, LEAST_LOSS)) / (entry.size - before.size)
