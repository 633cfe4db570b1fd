"""A table as a fit sees it: neither the order of its rows nor whether one is repeated or weighs double changes the run.

Rows that are equal in every value become one with the sum of their weights, rows without weight go, and the others are put in the
order of a hash of their values, which is as good as a random one wherever rows are chosen evenly spread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vgp.data_checks import Floats

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio (Knuth, TAOCP 3, 6.4)
SHIFT = np.uint64(29)


def canonical(X: Floats, y: Floats, weights: Floats | None) -> tuple[Floats, Floats, Floats | None]:
    """(X [m, columns], y [m], weights [m] or None where all are alike), m <= n, of X [n, columns], y [n], weights [n]."""
    if weights is not None:
        X, y, weights = X[weights > 0], y[weights > 0], weights[weights > 0]
    columns = [*X.T, y]
    hashes = row_hashes(columns)
    order = np.argsort(hashes, kind="stable")
    first = firsts(columns, hashes, order)
    if weights is not None or not first.all():
        counted = np.ones(len(y)) if weights is None else weights
        weights = np.add.reduceat(counted[order], np.flatnonzero(first))
        weights = None if (weights == weights[0]).all() else weights
    kept = order[first]
    return X[kept], y[kept], weights


def row_hashes(columns: list[Floats]) -> npt.NDArray[np.uint64]:
    """uint64 [n] that depend on every value of a row; 0.0 and -0.0 are the same value."""
    hashes = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        hashes ^= np.ascontiguousarray(column + 0.0).view(np.uint64)
        hashes *= MULTIPLIER
        hashes ^= hashes >> SHIFT
    return hashes


def firsts(columns: list[Floats], hashes: npt.NDArray[np.uint64], order: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """For each row in this order: whether it differs from the one before it."""
    different = np.ones(len(order), np.bool_)
    different[1:] = hashes[order[1:]] != hashes[order[:-1]]
    alike = np.flatnonzero(~different)
    for column in columns:  # two rows may have one hash by chance
        different[alike] |= column[order[alike]] != column[order[alike - 1]]
    return different
