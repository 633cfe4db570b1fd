"""One data set of one or several table files with equal columns. Needs pyarrow, so it is imported only when something is read."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from vgp.cli.table_options import names_among
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.origin import Origin
from vgp.suggestions import listed
from vgp.tables import Table, read_table


@dataclass(frozen=True)
class Wanted:
    """Which columns of a table are meant; `columns` and `drop` hold names, or lists of names separated by commas."""

    target: str
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    weights: str | None = None

    def of(self, table: Table) -> Table:
        """The table with just those. Raises InputError."""
        columns = None if self.columns is None else names_among(self.columns, table.all_names)
        needed = [name for name in (self.target, self.weights) if name is not None]
        return table.choose(columns, names_among(self.drop, table.all_names), needed)


@dataclass(frozen=True)
class PartsOrigin:
    """Several files as one table: a row is named by the file that it stands in."""

    name: str
    origins: tuple[Origin, ...]
    ends: tuple[int, ...]  # the first row after each

    def __str__(self) -> str:
        return self.name

    def place(self, row: int) -> str:
        part = min(bisect.bisect_right(self.ends, row), len(self.origins) - 1)
        return self.origins[part].place(row - (self.ends[part - 1] if part else 0))


def read(paths: Sequence[Path], name: str, wanted: Wanted) -> tuple[Dataset, tuple[str, ...]]:
    """The data set of the rows of all files, one after the other, and what was left out, a line each. Raises InputError."""
    tables = [wanted.of(read_table(path)) for path in paths]
    notices = tuple(dict.fromkeys(notice for table in tables for notice in table.notices))
    if len(tables) == 1:
        return Dataset.from_table(tables[0], wanted.target, weights=wanted.weights), notices
    check_alike(tables)
    origin = PartsOrigin(name, tuple(table.origin for table in tables), tuple(accumulate(table.n_rows for table in tables)))
    inputs = [column for column in tables[0].names if column not in (wanted.target, wanted.weights)]
    if not inputs:
        raise InputError(f"{name}: no numeric column is left besides the target '{wanted.target}'; formulas need one input")

    def joined(column: str, *, needed: bool = False) -> np.ndarray:
        return np.concatenate([table.column(column, needed=needed) for table in tables])

    matrix = np.empty((origin.ends[-1], len(inputs)), order="F")
    for i, column in enumerate(inputs):
        matrix[:, i] = joined(column)
    y = joined(wanted.target, needed=True)
    weights = None if wanted.weights is None else joined(wanted.weights, needed=True)
    return Dataset.from_arrays(matrix, y, names=inputs, target=wanted.target, weights=weights, origin=origin), notices


def check_alike(tables: Sequence[Table]) -> None:
    """The same columns of numbers in each, in any order."""
    first = tables[0]
    for other in tables[1:]:
        for a, b in ((first, other), (other, first)):
            missing = [column for column in a.names if column not in b.names]
            if missing:
                raise InputError(f"{b.origin} has no numbers in column {listed(missing)}, which {a.origin} has; make them alike")
