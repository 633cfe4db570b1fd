"""Writing columns as CSV or Parquet."""

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from vgp.atomic_file import atomic_write
from vgp.data_checks import Floats

Columns = Mapping[str, "Sequence[str] | Floats"]


def write_csv_text(stream: TextIO, columns: Columns, delimiter: str = ",") -> None:
    """A header and rows; numbers in the fewest digits that read back exactly."""
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    cells = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    writer.writerows(zip(*cells, strict=True))


def write_csv(path: str | os.PathLike[str], columns: Columns, delimiter: str = ",") -> None:
    """A CSV file, whole or not at all. Raises CheckpointError naming it."""
    text = io.StringIO(newline="")
    write_csv_text(text, columns, delimiter)
    atomic_write(path, text.getvalue().encode())


def write_tsv(path: str | os.PathLike[str], columns: Columns) -> None:
    """Like write_csv, separated by tabs."""
    write_csv(path, columns, "\t")


def write_parquet(path: str | os.PathLike[str], columns: Columns) -> None:
    """A Parquet file, whole or not at all. Raises CheckpointError naming it."""
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table({name: pa.array(column) for name, column in columns.items()}), sink)
    atomic_write(path, memoryview(sink.getvalue()))


Writer = Callable[[str, Columns], None]
WRITERS: dict[str, Writer] = {".csv": write_csv, ".tsv": write_tsv, ".parquet": write_parquet}
