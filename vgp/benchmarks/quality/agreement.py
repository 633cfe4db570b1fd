"""How well a formula agrees with the law in float64."""

import numpy as np

from vgp.benchmarks.quality.expression import Expression, Floats

SAME_VALUES = 5e-4  # of the values' standard deviation: a change that counts as none
SINGULAR = 10.0  # times the law's largest value in range: beyond it a point counts as singular
MOST_UNDEFINED = 1e-3  # share of the points where the law has a value and the formula may have none


def r2(y: Floats, values: Floats) -> float:
    """1 - SSE / SST; minus infinity where a value is missing."""
    if not np.isfinite(values).all():
        return -np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(np.sum((y - y.mean()) ** 2))
        error = float(np.sum((y - values) ** 2))
    if total == 0:
        return 1.0 if error == 0 else -np.inf
    return 1.0 - error / total if np.isfinite(error) else -np.inf


def tidied(formula: Expression, X: Floats) -> Expression:
    """The formula with those constants at 0 that may go there: one after the other, each moves the values on X by less than
    SAME_VALUES of their standard deviation. A search never leaves such a constant out: f - 3e-9 stands for f.
    """
    base = formula.on(X)
    most = SAME_VALUES * float(np.std(base)) if np.isfinite(base).all() else 0.0
    found = formula.values()
    for k in range(len(found)):
        trial = found.copy()
        trial[k] = 0.0
        moved = formula.on(X, trial) - base
        if np.isfinite(moved).all() and np.sqrt(np.mean(moved**2)) < most:
            found = trial
    return formula.with_constants(found)


def on_wider_ranges(formula: Expression, X: Floats, y: Floats, largest: float) -> float:
    """R2 where the law is defined and not singular: |y| at most ten times `largest`, its largest value in range.

    A formula that has no value at more than one in a thousand of those points fails: minus infinity. Fewer are left out (a formula
    may have a hole where the law has none: x y / y).
    """
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(y) & (np.abs(y) <= SINGULAR * largest)
    y, values = y[kept], formula.on(X[kept])
    defined = np.isfinite(values)
    if not kept.any() or np.mean(~defined) > MOST_UNDEFINED:
        return -np.inf
    return r2(y[defined], values[defined])
