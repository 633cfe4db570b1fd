"""Tables of the user: CSV and Parquet files, which columns are meant, and what is wrong with them, said exactly."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from vgp.csv_file import read_csv
from vgp.data_checks import Floats
from vgp.errors import InputError
from vgp.numeric_column import Kind, kind_of, text_of, to_numbers
from vgp.origin import Origin
from vgp.parquet_file import read_parquet
from vgp.suggestions import did_you_mean, listed

Reader = Callable[[str], tuple[Origin, list[str], list[pa.ChunkedArray]]]
READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".parquet": read_parquet,
    ".pq": read_parquet,
}
INDEX_NAMES = ("", "__index_level_0__")  # how pandas writes the index of a frame


@dataclass(frozen=True, eq=False)
class Table:
    """Columns as read, by position; numbers are made of them, and checked, when they are asked for."""

    origin: Origin
    all_names: tuple[str, ...]
    arrays: tuple[pa.ChunkedArray, ...]
    n_rows: int
    notices: tuple[str, ...] = ()  # one line each: what was left out, and why

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Columns that are meant as numbers."""
        return tuple(name for name, kind in zip(self.all_names, self._kinds, strict=True) if kind is Kind.NUMBERS)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Columns of text: they name rows and are no inputs."""
        return tuple(name for name, kind in zip(self.all_names, self._kinds, strict=True) if kind is Kind.LABELS)

    def column(self, name: str, *, needed: bool = False) -> Floats:
        """The finite float64 values of a column, (n_rows,). Raises InputError: no such column, or the first cell that is wrong."""
        return to_numbers(self._array(name), name, self.origin, needed=needed)

    def label(self, name: str) -> list[str]:
        """The texts of a column."""
        return text_of(self._array(name), name, self.origin)

    def choose(self, columns: Sequence[str] | None = None, drop: Iterable[str] = (), needed: Iterable[str] = ()) -> "Table":
        """The table with the columns that are meant: all but `drop`, or just `columns`; and those `needed` (target, weights).

        What is left out on the way - text, empty columns, columns without a name - is told in `notices`.
        Raises InputError for unknown and for duplicate names.
        """
        needed, drop = tuple(needed), set(drop)
        for name in (*needed, *(columns or ()), *drop):
            self._check_known(name)
        for name in needed:
            if name in drop:
                raise InputError(f"column '{name}' is needed and cannot be dropped")
        wanted = set(self.all_names) if columns is None else {*columns, *needed}
        kept = [i for i, name in enumerate(self.all_names) if name in wanted and name not in drop]
        notices = [f"column {i + 1} has no name: left out" for i in kept if self.all_names[i] in INDEX_NAMES]
        kept = [i for i in kept if self.all_names[i] not in INDEX_NAMES]
        chosen = replace(self, all_names=tuple(self.all_names[i] for i in kept), arrays=tuple(self.arrays[i] for i in kept))
        self._check_unique(chosen.all_names)
        for name, kind in zip(chosen.all_names, chosen._kinds, strict=True):
            if kind is not Kind.NUMBERS:
                if name in needed or columns is not None:
                    chosen.column(name, needed=True)  # says why it cannot be used
                notices.append(f"column '{name}' is {kind.value}: left out")
        return replace(chosen, notices=(*self.notices, *notices))

    @cached_property
    def _kinds(self) -> tuple[Kind, ...]:
        return tuple(kind_of(array) for array in self.arrays)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.all_names)}

    def _array(self, name: str) -> pa.ChunkedArray:
        self._check_known(name)
        return self.arrays[self._positions[name]]

    def _check_known(self, name: str) -> None:
        if name not in self._positions:
            raise InputError(f"{self.origin} has no column '{name}'; {did_you_mean(name, self.all_names)}")

    def _check_unique(self, names: Sequence[str]) -> None:
        name, times = Counter(names).most_common(1)[0] if names else ("", 0)
        if times > 1:
            places = [str(i + 1) for i, other in enumerate(self.all_names) if other == name]
            where = f"columns {' and '.join(places)} are all called '{name}'"
            raise InputError(f"{self.origin}: {where}; rename them or leave them out (--drop '{name}')")


def read_table(path: str | os.PathLike[str]) -> Table:
    """Reads a CSV or Parquet file, chosen by the ending of its name. Raises InputError, one line, for whatever is wrong."""
    path = os.fspath(path)
    reader = READERS.get(Path(path).suffix.lower())
    _check_readable(path)
    if reader is None:
        raise InputError(f"{path} is of unknown kind; tables end in {listed(list(READERS))}")
    try:
        origin, names, arrays = reader(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    for i, name in enumerate(names):
        if not name.isprintable():
            raise InputError(f"{path}: the name of column {i + 1}, {name!r}, holds control characters; rename it")
    return Table(origin, tuple(names), tuple(arrays), len(arrays[0]))


def _check_readable(path: str) -> None:
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder; give the table in it")
    if not os.path.exists(path):
        folder = os.path.dirname(path) or "."
        near = did_you_mean(os.path.basename(path), os.listdir(folder)) if os.path.isdir(folder) else ""
        hint = f"; {near}" if near.startswith("did") else ""
        raise InputError(f"there is no file {path}{hint}")
