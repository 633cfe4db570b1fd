"""Reading CSV: pyarrow for the bulk, the csv module for the header and for saying exactly where something is wrong."""

import csv
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, TextIO

import pyarrow as pa
import pyarrow.csv as arrow_csv

from vgp.errors import InputError

DELIMITERS = ",;\t"
SAMPLE_RECORDS = 20
NOT_CSV = (
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"PK\x03\x04", "is a workbook or zip archive; export the table as CSV"),
    (b"\x1f\x8b", "is compressed; decompress it first"),
    (b"PAR1", "is a Parquet file; give it a name that ends in .parquet"),
)


@dataclass(frozen=True)
class CsvOrigin:
    """A CSV file and how it is read; finds lines only when a message needs one."""

    path: str
    delimiter: str
    header_lines: int  # lines up to the end of the header

    def __str__(self) -> str:
        return self.path

    def place(self, row: int) -> str:
        for line, _ in itertools.islice(self.records(), row, None):
            return f"{self.path}, line {line}"
        return self.path

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """(line on which it starts, fields) of every record after the header; blank lines are no records."""
        with _open(self.path) as file:
            for _ in range(self.header_lines):
                file.readline()
            reader = csv.reader(file, delimiter=self.delimiter)
            start = self.header_lines + 1
            for fields in reader:
                if fields:
                    yield start, fields
                start = self.header_lines + reader.line_num + 1


def read_csv(path: str) -> tuple[CsvOrigin, list[str], list[pa.ChunkedArray]]:
    """The origin, the column names and the columns, as typed as pyarrow can make them. Raises InputError, naming the line."""
    quotes = _scan(path)
    origin, names = _header(path)
    try:
        table = arrow_csv.read_csv(
            path,
            # without names of its own pyarrow would refuse duplicates that --drop may still resolve
            read_options=arrow_csv.ReadOptions(
                skip_rows=origin.header_lines,
                column_names=[str(i) for i in range(len(names))],
                block_size=_block_size(path, len(names)),
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=origin.delimiter, newlines_in_values=quotes > 0),
            convert_options=arrow_csv.ConvertOptions(
                null_values=[""], strings_can_be_null=False, true_values=[], false_values=[], timestamp_parsers=[]
            ),
        )
    except pa.ArrowInvalid as error:
        _explain(origin, len(names), str(error))
    if quotes % 2:
        _find_open_quote(origin)
    if table.num_rows == 0:
        raise InputError(f"{path} has a header but no rows; add at least two")
    return origin, names, table.columns


def _open(path: str) -> TextIO:
    # newline="": the csv module must see the line ends inside quotes; errors="replace": places are wanted even in a damaged file
    return open(path, encoding="utf-8-sig", errors="replace", newline="")


def _scan(path: str) -> int:
    """The number of quote characters; refuses what cannot be CSV."""
    with open(path, "rb") as file:
        start = file.read(4)
        for signature, reason in NOT_CSV:
            if start.startswith(signature):
                raise InputError(f"{path} {reason}")
        file.seek(0)
        return sum(block.count(b'"') for block in iter(lambda: file.read(1 << 22), b""))


def _header(path: str) -> tuple[CsvOrigin, list[str]]:
    """Where the header ends and what it says, with the delimiter that makes the first records most regular."""
    samples = [_sample(path, delimiter) for delimiter in DELIMITERS]
    if not samples[0].records:
        raise InputError(f"{path} is empty; the first line names the columns, the rows follow")
    best = max(samples, key=lambda sample: sample.score)  # the first of equals
    origin, header = CsvOrigin(path, best.delimiter, best.lines), best.records[0]
    names = [" ".join(name.split()) for name in header]  # line ends and tabs within quotes are spaces
    if any("\ufffd" in name for name in names):
        raise InputError(f"{path}, line {origin.header_lines}: the column names are not UTF-8; save the table as UTF-8")
    if all(_is_number(name) for name in names):
        raise InputError(
            f"{path}, line {origin.header_lines}: holds numbers where the column names should stand; add a header line"
        )
    return origin, names


@dataclass(frozen=True)
class Sample:
    """The start of a file as one delimiter reads it."""

    delimiter: str
    strict: bool  # no quoted field is followed by anything but a delimiter
    lines: int  # up to the end of the first record
    records: list[list[str]]

    @property
    def score(self) -> tuple[bool, int]:
        """Regular first, then wide."""
        width = len(self.records[0])
        return self.strict and width > 1 and all(len(record) == width for record in self.records), width


def _sample(path: str, delimiter: str) -> Sample:
    """The first records; read leniently if they cannot be read strictly."""
    for strict in (True, False):
        try:
            with _open(path) as file:
                reader = csv.reader(file, delimiter=delimiter, strict=strict)
                records = (record for record in reader if record)
                header = list(itertools.islice(records, 1))
                lines = reader.line_num
                return Sample(delimiter, strict, lines, header + list(itertools.islice(records, SAMPLE_RECORDS)))
        except csv.Error as error:
            reason = error
    raise InputError(f"{path} cannot be read as CSV: {reason}")


def _block_size(path: str, columns: int) -> int:
    """Bytes that pyarrow parses at a time: a row must fit, and small files need no large buffers."""
    return max(1 << 16, min(max(1 << 22, columns * 1024), os.path.getsize(path) + 1))


def _explain(origin: CsvOrigin, width: int, reason: str) -> NoReturn:
    """Turns pyarrow's refusal into the line that is wrong."""
    try:
        for line, fields in origin.records():
            if len(fields) != width:
                raise InputError(f"{origin}, line {line}: has {len(fields)} cells, but the header names {width}; correct the line")
    except csv.Error as error:
        reason = str(error)
    if "Could not skip" in reason or "Empty CSV" in reason:
        raise InputError(f"{origin} has a header but no rows; add at least two")
    raise InputError(f"{origin} cannot be read as CSV: {reason.splitlines()[0]}")


def _find_open_quote(origin: CsvOrigin) -> None:
    """Refuses a quote that swallows the rest of the file; a lone quote inside a field is text."""
    line = 0
    try:
        with _open(origin.path) as file:
            reader = csv.reader(file, delimiter=origin.delimiter, strict=True)
            for _ in reader:
                line = reader.line_num
    except csv.Error as error:
        if "end of data" in str(error):
            raise InputError(f"{origin}, line {line + 1}: a quote is opened and never closed; close it") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
