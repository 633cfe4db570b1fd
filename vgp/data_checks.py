"""What numbers must satisfy before anything evolves on them. Each check names the place and says what to do."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vgp.errors import InputError
from vgp.origin import Origin

Floats = npt.NDArray[np.float64]

FLOAT32_MAX = float(np.finfo(np.float32).max)
FLOAT32_TINY = float(np.finfo(np.float32).tiny)


def check_columns(matrix: Floats, names: Sequence[str], origin: Origin, max_variables: int) -> None:
    """Inputs: a name of its own for each column, at least one row and one column, finite everywhere."""
    rows, columns = matrix.shape
    if len(names) != columns:
        raise InputError(f"{len(names)} names were given for {columns} columns")
    if columns == 0:
        raise InputError("there is no input column; formulas need one")
    if columns > max_variables:
        raise InputError(f"{columns} input columns are more than {max_variables}; choose some with --columns")
    if rows == 0:
        raise InputError("there are no rows")
    if len(set(names)) < columns:
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise InputError(f"two columns are called '{twice}'; rename one")
    for name, column in zip(names, matrix.T, strict=True):
        check_finite(column, name, origin)


def check_finite(column: Floats, name: str, origin: Origin, *, needed: bool = False) -> None:
    if not np.isfinite(column).all():
        row = int(np.argmin(np.isfinite(column)))
        raise InputError(f"{origin.place(row)}, column '{name}': {column[row]} is not a finite number; {remedy(name, needed)}")


def check_target(y: Floats, weights: Floats | None, rows: int, name: str, origin: Origin) -> None:
    """A target that something can be learnt from: as long as the inputs, at least two rows, not constant where it counts."""
    if len(y) != rows:
        raise InputError(f"target '{name}' has {len(y)} values for {rows} rows")
    check_finite(y, name, origin, needed=True)
    if rows == 1:
        raise InputError(f"{origin.place(0)}: this is the only row; a fit needs at least two")
    counted = y if weights is None else y[weights > 0]
    if np.all(counted == counted[0]):
        where = "" if weights is None else " wherever the weight is not 0"
        raise InputError(
            f"{origin.place(0)}, column '{name}': the target is {counted[0]:g} in every row{where}; choose a target that varies"
        )


def check_weights(weights: Floats, rows: int, origin: Origin) -> None:
    """Weights count rows: finite, not negative, not all zero."""
    if len(weights) != rows:
        raise InputError(f"there are {len(weights)} weights for {rows} rows")
    check_finite(weights, "weights", origin, needed=True)
    if (weights < 0).any():
        row = int(np.argmax(weights < 0))
        raise InputError(f"{origin.place(row)}: the weight {weights[row]:g} is negative; weights are 0 or more")
    if not weights.any():
        raise InputError("every weight is 0; give some rows a positive weight")


def check_binary(y: Floats, name: str, origin: Origin) -> None:
    """The logistic loss learns classes: 0 and 1, nothing else."""
    wrong = (y != 0) & (y != 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{origin.place(row)}, column '{name}': {y[row]:g} is neither 0 nor 1, which the logistic loss needs")


def fit_precision(column: Floats, precision: str, name: str, origin: Origin) -> None:
    """Refuses what float32 would destroy: numbers beyond its range, and columns whose values it cannot tell apart."""
    if precision not in ("float32", "float64"):
        raise InputError(f"unknown precision '{precision}'; choose float32 or float64")
    if precision == "float64":
        return
    sizes = np.abs(column)
    row, reason = 0, ""
    if (sizes > FLOAT32_MAX).any():
        row = int(np.argmax(sizes > FLOAT32_MAX))
        reason = f"{column[row]:g} is beyond float32 (3.4e38); use --precision float64 or another unit"
    elif 0 < sizes.max() < FLOAT32_TINY:
        reason = "every value is below what float32 can hold (1.2e-38); use --precision float64 or another unit"
    elif column.min() < column.max() and np.float32(column.min()) == np.float32(column.max()):
        reason = "the values differ by less than float32 can tell; use --precision float64 or subtract a constant"
    if reason:
        raise InputError(f"{origin.place(row)}, column '{name}': {reason}")


def remedy(name: str, needed: bool) -> str:
    """What to do about a cell that is not a number; a needed column (the target, the weights) cannot be left out."""
    return "correct it or remove the row" if needed else f"correct it, remove the row, or leave the column out (--drop '{name}')"
