"""How well a smooth function of some columns explains a target: the leave-one-out error of a polynomial.

The highest degree tried rises as the number of columns falls, so that the number of terms stays about the same: where a target
really depends on fewer columns than it is given, on x - y in place of x and y, the same terms tell more about it, and the error
falls.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DEGREES = {1: 12, 2: 8, 3: 6, 4: 4, 5: 4, 6: 3, 7: 3, 8: 3, 9: 3}  # by number of columns; 2 for more
ROWS_PER_TERM = 4  # at least
RIDGE = 1e-13  # of the largest diagonal element: terms that others can stand in for
MOST_LEVERAGE = 0.99


def left_out_errors(columns: Floats, factors: Floats, target: Floats) -> Floats:
    """Mean squared errors of factors[:, k] * polynomial(columns) as a model of the target, each row predicted by the others.

    columns: (rows, d), factors: (rows, n), target: (rows,). Returns (n,), each for the degree that suits best. By the hat matrix
    (Allen 1974, PRESS).
    """
    basis, ends = polynomial(columns)
    return np.array([_press(factors[:, k : k + 1] * basis, ends, target[:, None])[0] for k in range(factors.shape[1])])


def left_out_errors_of(columns: Floats, targets: Floats) -> Floats:
    """The same of one polynomial for each of several targets: (rows, n)."""
    return _press(*polynomial(columns), targets)


def _press(basis: Floats, ends: Sequence[int], targets: Floats) -> Floats:
    """The least error among the first ends[0], ends[1], ... columns of the basis, for each target.

    Cholesky's factor makes the columns orthogonal one after the other, so that those of a lower degree come for nothing.
    """
    gram = basis.T @ basis
    gram[np.diag_indices_from(gram)] += RIDGE * np.max(np.diag(gram))
    try:
        orthogonal = basis @ np.linalg.inv(np.linalg.cholesky(gram)).T
    except np.linalg.LinAlgError:
        return np.full(targets.shape[1], np.inf)
    residuals, leverage, begin = targets, np.zeros(len(basis)), 0
    least = np.full(targets.shape[1], np.inf)
    for end in ends:
        part = orthogonal[:, begin:end]
        residuals = residuals - part @ (part.T @ residuals)
        residuals = residuals - part @ (part.T @ residuals)  # once more: the first leaves what rounding made of the basis
        leverage = leverage + np.sum(part**2, axis=1)
        weight = 1 / (1 - np.minimum(leverage, MOST_LEVERAGE)) ** 2
        least = np.fmin(least, np.mean(weight[:, None] * residuals**2, axis=0))
        begin = end
    return least


def polynomial(columns: Floats) -> tuple[Floats, list[int]]:
    """(rows, terms): products of Chebyshev polynomials of the columns, each brought to [-1, 1], by rising total degree; and where
    the terms of each degree end."""
    rows, d = columns.shape
    if d == 0:
        return np.ones((rows, 1)), [1]
    degree = DEGREES.get(d, 2)
    while degree > 1 and len(_exponents(d, degree)) * ROWS_PER_TERM > rows:
        degree -= 1
    low, high = columns.min(axis=0), columns.max(axis=0)
    unit = 2 * (columns - low) / np.where(high > low, high - low, 1) - 1
    powers = np.polynomial.chebyshev.chebvander(unit, degree)  # (rows, d, degree + 1)
    exponents = _exponents(d, degree)
    basis = powers[:, 0, exponents[:, 0]]
    for j in range(1, d):
        basis = basis * powers[:, j, exponents[:, j]]
    return np.asarray(basis), np.cumsum(np.bincount(exponents.sum(axis=1))).tolist()


@lru_cache(maxsize=64)
def _exponents(d: int, degree: int) -> npt.NDArray[np.int64]:
    """(terms, d): all of a total degree up to this, by total degree."""
    if d == 1:
        return np.arange(degree + 1)[:, None]
    rows = np.concatenate([np.insert(_exponents(d - 1, degree - k), 0, k, axis=1) for k in range(degree + 1)])
    return np.asarray(rows[np.argsort(rows.sum(axis=1), kind="stable")])
