"""Reading Parquet with pyarrow."""

from dataclasses import dataclass

import pyarrow as pa
from pyarrow import parquet

from vgp.errors import InputError


@dataclass(frozen=True)
class ParquetOrigin:
    """A Parquet file. Rows are counted from 1 in messages."""

    path: str

    def __str__(self) -> str:
        return self.path

    def place(self, row: int) -> str:
        return f"{self.path}, row {row + 1}"


def read_parquet(path: str) -> tuple[ParquetOrigin, list[str], list[pa.ChunkedArray]]:
    """The origin, the column names and the columns. Raises InputError where the file is not whole."""
    try:
        with parquet.ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else "damaged"
        raise InputError(f"{path} is not a whole Parquet file ({reason}); write it again") from None
    if table.num_columns == 0 or table.num_rows == 0:
        raise InputError(f"{path} has no rows; add at least two")
    return ParquetOrigin(path), table.column_names, table.columns
