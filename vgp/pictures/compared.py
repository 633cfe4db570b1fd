"""What a formula predicts beside what was measured, on the rows where both are numbers."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vgp.data_checks import Floats
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.front import FrontEntry
from vgp.model import Model, predict

MOST_POINTS = 2000

Given = Dataset | tuple[npt.ArrayLike, npt.ArrayLike]
"""A data set with a target, or arrays X (n_rows, n_variables) with the model's columns in order, and y (n_rows,)."""


class Compared(NamedTuple):
    """Values of the same rows."""

    actual: Floats  # (n,)
    predicted: Floats  # (n,)
    n_rows: int  # of the table, rows without a value among them

    @property
    def residuals(self) -> Floats:
        """actual - predicted, (n,)."""
        return self.actual - self.predicted

    @property
    def some(self) -> npt.NDArray[np.int64]:
        """Numbers of at most MOST_POINTS rows, spread evenly: more points cover each other."""
        n = len(self.actual)
        return np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).astype(np.int64))

    @property
    def note(self) -> str:
        """Which rows are drawn; empty: all."""
        drawn = len(self.some)
        return "" if drawn == self.n_rows else f"{drawn:,} of {self.n_rows:,} rows"


def compared(model: Model, data: Given, entry: FrontEntry, sandbox: str = "on") -> Compared:
    """Predicts the target of a table. Raises InputError where there is no target, or the formula has no value in any row."""
    dataset = data if isinstance(data, Dataset) else Dataset.from_arrays(*data, names=model.names, target=model.target)
    if dataset.y is None:
        raise InputError(f"{dataset.origin} has no target to compare with; give a data set with the column '{model.target}'")
    columns = dict(zip(dataset.names, dataset.X.T, strict=True))
    return of_values(dataset.y, predict(model, columns, entry, sandbox=sandbox, n_rows=dataset.n_rows))


def of_values(actual: Floats, predicted: Floats) -> Compared:
    """The rows where both are finite. Raises InputError if there are none."""
    usable = np.isfinite(actual) & np.isfinite(predicted)
    if not usable.any():
        raise InputError("the formula has no value in any row of this table; choose another formula or table")
    return Compared(actual[usable], predicted[usable], len(actual))
