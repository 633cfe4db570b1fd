"""Numbers of a table as a report needs them: what is missing stays missing, and is counted."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vgp.data_checks import Floats
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.front import FrontEntry
from vgp.model import Model, predict
from vgp.numeric_column import Kind, kind_of
from vgp.pictures.compared import Compared, of_values
from vgp.report.own_table import is_table_of_fit
from vgp.suggestions import listed
from vgp.tables import Table


@dataclass(frozen=True, eq=False)
class Readings:
    """The columns of a table that a model knows. Cells without a finite number are NaN."""

    source: str
    n_rows: int
    columns: Mapping[str, Floats]  # by name, (n_rows,): inputs in the model's order
    target: Floats  # (n_rows,)
    of_fit: bool  # whether it is the table that the model was fitted to

    def compare(self, model: Model, entry: FrontEntry, sandbox: str) -> Compared:
        """Predicted and actual values, of the rows that have all that the formula uses. Raises InputError if there are none."""
        used = {name: self.columns[name] for name in model.inputs(entry)}
        whole = np.logical_and.reduce([np.isfinite(column) for column in used.values()] or [np.ones(self.n_rows, bool)])
        if not whole.any():
            raise InputError(f"no row of {self.source} has a number in every column that the formula uses")
        inputs = {name: column[whole] for name, column in used.items()}
        predicted = np.full(self.n_rows, np.nan)
        predicted[whole] = predict(model, inputs, entry, sandbox=sandbox, n_rows=int(whole.sum()))
        return of_values(self.target, predicted)


def of_dataset(model: Model, dataset: Dataset) -> Readings:
    """The readings of a data set. Raises InputError where it has no target, or lacks a column of the recommended formula."""
    if dataset.y is None:
        raise InputError(f"{dataset.origin} has no target to compare with; give a data set with the column '{model.target}'")
    columns = dict(zip(dataset.names, dataset.X.T, strict=True))
    _check_complete(model, columns, str(dataset.origin))
    known = {name: columns[name] for name in model.names if name in columns}
    own = dataset.fingerprint() == model.data.get("fingerprint")
    return Readings(str(dataset.origin), dataset.n_rows, known, dataset.y, own)


def of_table(model: Model, table: Table) -> Readings:
    """The readings of a table. Raises InputError where it lacks the target or a column of the recommended formula."""
    arrays = dict(zip(table.all_names, table.arrays, strict=True))
    _check_complete(model, arrays, str(table.origin))
    if model.target not in arrays:
        raise InputError(f"{table.origin} has no column '{model.target}' to compare with; it has {listed(table.all_names)}")
    columns = {name: numbers(arrays[name]) for name in model.names if name in arrays}
    own = is_table_of_fit(model, table)
    return Readings(str(table.origin), table.n_rows, columns, numbers(arrays[model.target]), own)


def _check_complete(model: Model, columns: Mapping[str, object], source: str) -> None:
    missing = [name for name in model.inputs(model.entries[model.chosen]) if name not in columns]
    if missing:
        names = ", ".join(repr(name) for name in missing)
        raise InputError(f"{source} has no column {names}, which the formula needs; it has {listed(list(columns))}")


def numbers(array: pa.ChunkedArray) -> Floats:
    """Float64 values, NaN where a cell is no finite number."""
    if kind_of(array) is not Kind.NUMBERS:
        return np.full(len(array), np.nan)
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind):
        values = np.asarray(array.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    else:
        values = np.array([_number(cell) for cell in array.to_pylist()], np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _number(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
