"""A table ready for evolution: named numeric columns, a target, and the file of them that the sandbox maps by itself."""

import hashlib
import os
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vgp.data_checks import Floats, check_columns, check_target, check_weights, fit_precision
from vgp.errors import InputError
from vgp.hashing import content_hash
from vgp.origin import InMemory, Origin
from vgp.units import Units, units_of

if TYPE_CHECKING:
    from vgp.tables import Table

# Twins of vgp/core/datafile.hpp.
MAGIC = 0x3141544144504756
VERSION = 1
HEADER_BYTES = 4096
ROW_PADDING = 16
HEADER = struct.Struct("<QIIQQIIIIQ")
PIECE = 1 << 20  # rows compared at a time
CHECKSUM_BYTES = 8  # at the header's end
MAX_VARIABLES = 65536  # of vgp/core/genome.hpp


@dataclass(frozen=True, eq=False)
class Dataset:
    """Finite float64 columns and a target, checked and read-only. Make one by `from_table` or `from_arrays`."""

    names: tuple[str, ...]
    target: str
    X: Floats  # (n_rows, n_variables), column-major
    y: Floats | None  # (n_rows,); None when there is nothing to fit
    weights: Floats | None  # (n_rows,), >= 0, not all 0
    origin: Origin
    units: Units | None = None  # None: formulas are not held to any

    @property
    def n_rows(self) -> int:
        return int(self.X.shape[0])

    @property
    def n_variables(self) -> int:
        return int(self.X.shape[1])

    @classmethod
    def from_arrays(
        cls,
        X: npt.ArrayLike,
        y: npt.ArrayLike | None = None,
        *,
        names: Sequence[str] | None = None,
        target: str = "y",
        weights: npt.ArrayLike | None = None,
        origin: Origin | None = None,
        units: Mapping[str, str] | None = None,
        target_unit: str | None = None,
    ) -> "Dataset":
        """A data set from numbers: X (n_rows, n_variables), y and weights (n_rows,); units as for `with_units`.

        Raises InputError for anything unusable.
        """
        origin = origin or InMemory()
        matrix = _numbers(X, "X", 2)
        names = tuple(names) if names is not None else tuple(f"x{i}" for i in range(matrix.shape[1]))
        check_columns(matrix, names, origin, MAX_VARIABLES)
        target_values = None if y is None else _numbers(y, target, 1)
        weight_values = None if weights is None else _numbers(weights, "weights", 1)
        if weight_values is not None:
            check_weights(weight_values, matrix.shape[0], origin)
        if target_values is not None:
            check_target(target_values, weight_values, matrix.shape[0], target, origin)
        made = cls(names, target, matrix, target_values, weight_values, origin)
        return made if units is None and target_unit is None else made.with_units(units or {}, target_unit)

    def with_units(self, columns: Mapping[str, str], target_unit: str | None = None) -> "Dataset":
        """The same data, to be explained by formulas whose units hold: {"m": "kg", "r": "m"}, "N". See vgp.units.

        A column that is not named is a plain number; the target may stand among the columns, by its name. Without a unit of the
        target only the formula itself is held to units. Raises InputError for a name that is no column or a text that is no unit.
        """
        of_columns = dict(columns)
        if self.target in of_columns and self.target not in self.names:
            among = of_columns.pop(self.target)
            if target_unit is not None and target_unit != among:
                raise InputError(f"the target '{self.target}' has two units: {among!r} and {target_unit!r}; give one of them")
            target_unit = among
        return self.carrying(units_of(self.names, of_columns, target_unit))

    def carrying(self, units: Units) -> "Dataset":
        """The same data with these units."""
        copy = replace(self, units=units)
        object.__setattr__(copy, "_bare", self)  # what the original holds, such as a mapped file, stays held
        return copy

    @classmethod
    def from_table(cls, table: "Table", target: str, *, weights: str | None = None) -> "Dataset":
        """The columns of a table read by vgp.tables: one is the target, one may hold weights, the others are the inputs."""
        taken = {target, weights}
        inputs = [name for name in table.names if name not in taken]
        if not inputs:
            raise InputError(f"{table.origin}: no numeric column is left besides the target '{target}'; formulas need one input")
        columns = np.empty((table.n_rows, len(inputs)), order="F")
        for i, name in enumerate(inputs):
            columns[:, i] = table.column(name)
        return cls.from_arrays(
            columns,
            table.column(target, needed=True),
            names=inputs,
            target=target,
            weights=None if weights is None else table.column(weights, needed=True),
            origin=table.origin,
        )

    def taking(self, rows: npt.NDArray[np.int64]) -> "Dataset":
        """These rows as a table. Raises InputError where they are none: one value of the target, or no weight, in all."""
        weights = None if self.weights is None else self.weights[rows]
        target = None if self.y is None else self.y[rows]
        some = Dataset.from_arrays(
            self.X[rows], target, names=self.names, target=self.target, weights=weights, origin=self.origin
        )
        return some if self.units is None else some.carrying(self.units)

    def spread_rows(self, most: int) -> npt.NDArray[np.int64]:
        """Numbers of the rows, rising: of all, or of `most` of them that are spread evenly."""
        return np.unique(np.linspace(0, self.n_rows - 1, min(self.n_rows, most)).astype(np.int64))

    def target_variance(self) -> float:
        """Weighted as the rows are. Only where there is a target."""
        assert self.y is not None
        mean = np.average(self.y, weights=self.weights)
        return float(np.average((self.y - mean) ** 2, weights=self.weights))

    def fingerprint(self) -> str:
        """32 hexadecimal digits that depend on the names and on every value: equal for equal data, on every machine."""
        digest = hashlib.blake2b(repr((self.names, self.target, self.X.shape)).encode(), digest_size=16)
        for column in self._columns():
            digest.update(np.ascontiguousarray(column, "<f8").data)
        digest.update(bytes([self.y is not None, self.weights is not None]))
        return digest.hexdigest()

    def write(self, path: str | os.PathLike[str], precision: str = "float32") -> None:
        """Writes the data file of vgp/core/datafile.hpp, mode 0600; `precision` is "float32" or "float64".

        Raises InputError where a value does not fit the precision or the file cannot be written.
        """
        self.check_precision(precision)
        element = np.dtype("<f4" if precision == "float32" else "<f8")
        padded = self._padded()
        body_bytes = len(self._columns()) * padded * element.itemsize
        try:
            with open(path, "wb+", opener=_private) as file:
                # a full disk is an error here, not a SIGBUS while the mapping is filled
                os.posix_fallocate(file.fileno(), 0, HEADER_BYTES + body_bytes)
                mapping = np.memmap(file, np.uint8, "r+")
                self._fill(mapping[HEADER_BYTES:].view(element).reshape(-1, padded))
                checksum = content_hash(mapping[HEADER_BYTES:])
                mapping[: HEADER.size] = np.frombuffer(self._header(element.itemsize, checksum), np.uint8)
        except OSError as error:
            raise InputError(f"cannot write the data file {os.fspath(path)}: {error.strerror or error}") from error

    def check_precision(self, precision: str) -> None:
        """Raises InputError where a value does not fit it, or a column would become one value."""
        for name, column in zip(self._column_names(), self._columns(), strict=True):
            fit_precision(column, precision, name, self.origin)

    @contextmanager
    def temporary(self, precision: str = "float32") -> Iterator[Path]:
        """The data file in a private folder (0700) of the temporary directory, removed when the block ends, however it ends."""
        try:
            folder = tempfile.TemporaryDirectory(prefix="vgp-")
        except OSError as error:
            raise InputError(f"cannot make a temporary folder in {tempfile.gettempdir()}: {error.strerror}") from error
        with folder as name:
            path = Path(name) / "data"
            self.write(path, precision)
            yield path

    def check_file(self, path: str | os.PathLike[str], precision: str = "float32") -> None:
        """Raises InputError unless the data file holds this very table in that precision; whoever maps it checks the checksum."""
        element = np.dtype("<f4" if precision == "float32" else "<f8")
        shape = len(self._columns()), self._padded()
        try:
            with open(path, "rb") as file:
                header, n_bytes = file.read(HEADER.size), os.fstat(file.fileno()).st_size
            if header[:-CHECKSUM_BYTES] != self._header(element.itemsize, 0)[:-CHECKSUM_BYTES]:
                raise InputError(f"the data file {os.fspath(path)} does not hold {self.origin} in {precision}; write it anew")
            if n_bytes != HEADER_BYTES + shape[0] * shape[1] * element.itemsize:
                raise InputError(f"the data file {os.fspath(path)} is cut off or too long; write it anew")
            body = np.memmap(path, element, "r", HEADER_BYTES, shape)
        except OSError as error:
            raise InputError(f"cannot read the data file {os.fspath(path)}: {error.strerror or error}") from error
        for name, stored, column in zip(self._column_names(), body, self._columns(), strict=True):
            if not _same_numbers(stored[: self.n_rows], column):
                raise InputError(f"the data file {os.fspath(path)} holds another '{name}' than {self.origin}; write it anew")

    def _columns(self) -> list[Floats]:
        return [*self.X.T, *(column for column in (self.y, self.weights) if column is not None)]

    def _column_names(self) -> list[str]:
        extra = [name for name, column in ((self.target, self.y), ("weights", self.weights)) if column is not None]
        return [*self.names, *extra]

    def _fill(self, body: npt.NDArray[np.floating]) -> None:
        for stored, column in zip(body, self._columns(), strict=True):
            stored[: self.n_rows] = column
            stored[self.n_rows :] = column[-1]
        if self.weights is not None:
            body[-1, self.n_rows :] = 0

    def _padded(self) -> int:
        return -(-self.n_rows // ROW_PADDING) * ROW_PADDING

    def _header(self, element_bytes: int, checksum: int) -> bytes:
        flags = (self.y is not None, self.weights is not None, 0)
        return HEADER.pack(MAGIC, VERSION, element_bytes, self.n_rows, self._padded(), self.n_variables, *flags, checksum)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _same_numbers(stored: npt.NDArray[np.floating], column: Floats) -> bool:
    """A piece at a time: the column is not copied as a whole."""
    pieces = range(0, len(column), PIECE)
    with np.errstate(over="ignore"):
        return all((stored[i : i + PIECE] == column[i : i + PIECE].astype(stored.dtype)).all() for i in pieces)


def _numbers(values: npt.ArrayLike, name: str, dimensions: int) -> Floats:
    """A read-only float64 copy, column-major."""
    try:
        given = np.asarray(values)
        if given.dtype.kind == "c":
            raise TypeError
        array = np.array(given, np.float64, order="F")
    except (TypeError, ValueError):
        raise InputError(f"'{name}' holds values that are not real numbers") from None
    if array.ndim != dimensions:
        raise InputError(f"'{name}' has {array.ndim} dimensions; {dimensions} are needed")
    array.setflags(write=False)
    return array
