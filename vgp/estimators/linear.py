"""Linear formulas to start from: so that no front is behind the linear model of its size.

Columns are taken one by one, each the one that the residuals of the model before it are most correlated with, and all coefficients
are fitted anew: orthogonal matching pursuit (Pati, Rezaiifar, Krishnaprasad 1993).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vgp.data_checks import Floats
from vgp.dataset import Dataset
from vgp.export.text import quote
from vgp.parameters import Parameters

MOST_ROWS = 20_000  # spread evenly, that coefficients are fitted on
TERM, FIRST = 4, 1  # nodes: of + c * x, and of the first x, whose coefficient is the slope of the whole


def linear_formulas(dataset: Dataset, parameters: Parameters) -> list[str]:
    """x, x + c*z, ...: a formula for each number of columns that fits into max_size. None where units or rules might refuse it."""
    if dataset.units is not None or parameters.constraints or not {"add", "mul"} <= set(parameters.functions):
        return []
    assert dataset.y is not None
    rows = dataset.spread_rows(MOST_ROWS)
    weights = np.ones(len(rows)) if dataset.weights is None else dataset.weights[rows]
    root = np.sqrt(weights / weights.sum())
    most = min(dataset.n_variables, 1 + (parameters.max_size - FIRST) // TERM)
    models = pursuit(centred(dataset.X[rows], root), centred(dataset.y[rows, None], root)[:, 0], most)
    return [formula(dataset.names, columns, coefficients) for columns, coefficients in models]


def centred(values: Floats, root: Floats) -> Floats:
    """Columns less their weighted means, times the roots of the weights."""
    return np.asarray((values - root**2 @ values) * root[:, None])


def pursuit(X: Floats, y: Floats, most: int) -> Iterator[tuple[list[int], Floats]]:
    """(columns, coefficients) of 1, 2, ... `most` columns of X [n, columns]; fewer where there is nothing left to explain."""
    scale = np.sqrt((X**2).sum(axis=0))
    usable = np.flatnonzero(scale > 0)
    chosen: list[int] = []
    residual = y
    for _ in range(min(most, len(usable), len(y) - 1)):
        gains = np.where(np.isin(usable, chosen), -1.0, np.abs(residual @ X[:, usable]) / scale[usable])
        chosen.append(int(usable[np.argmax(gains)]))
        coefficients, _, rank, _ = np.linalg.lstsq(X[:, chosen], y, rcond=None)
        if rank < len(chosen) or not coefficients.all() or not np.isfinite(coefficients).all():
            return
        yield list(chosen), np.asarray(coefficients, np.float64)
        residual = y - X[:, chosen] @ coefficients


def formula(names: Sequence[str], columns: Sequence[int], coefficients: Floats) -> str:
    """x + c*z + ..., the coefficients divided by the first."""
    ratios = coefficients / coefficients[0]
    terms = [quote(names[columns[0]])]
    terms += [f"{ratio!r}*{quote(names[k])}" for ratio, k in zip(ratios[1:].tolist(), columns[1:], strict=True)]
    return " + ".join(terms)
