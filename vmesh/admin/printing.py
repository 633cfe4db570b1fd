"""Answers as a person reads them: tables, aligned in a file or a pipe, folded to the width of a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from vgp.cli.arguments import printable

UNKNOWN = "-"


@dataclass(frozen=True)
class Table:
    """Rows of cells under headings; the columns of words stand at the left, those of numbers at the right."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[str] = frozenset()


Part = Table | str


def print_parts(parts: Iterable[Part], stream: TextIO) -> None:
    """Tables and lines. Whatever a worker calls itself, no control character reaches the terminal."""
    for part in parts:
        if isinstance(part, str):
            print("\n".join(map(printable, part.split("\n"))), file=stream)
        elif stream.isatty():
            _print_folded(part, stream)
        else:
            _print_aligned(part, stream)


def _print_aligned(table: Table, stream: TextIO) -> None:
    rows = [list(map(printable, row)) for row in (table.headings, *table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headings))]
    for row in rows:
        cells = (
            cell.ljust(width) if heading in table.words else cell.rjust(width)
            for heading, cell, width in zip(table.headings, row, widths, strict=True)
        )
        print("  ".join(cells).rstrip(), file=stream)


def _print_folded(table: Table, stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    folded = RichTable(box=None, pad_edge=False, header_style="dim")
    for heading in table.headings:
        folded.add_column(heading, justify="left" if heading in table.words else "right", overflow="fold")
    for row in table.rows:
        folded.add_row(*(Text(printable(cell)) for cell in row))  # Text: a worker called "[red]" is a name, not markup
    Console(file=stream, highlight=False).print(folded)


def pairs(values: Iterable[tuple[str, str]]) -> str:
    """One "name  value" a line, values aligned."""
    listed = list(values)
    width = max((len(name) for name, _ in listed), default=0)
    return "\n".join(f"{name:{width}}  {value}".rstrip() for name, value in listed)


def text(value: Any) -> str:
    """Any value as a word."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ",".join(map(text, value)) or UNKNOWN
    return str(value)


def count(value: Any) -> str:
    """950, 12.3k, 4.56M."""
    from vgp.display import quantity

    return quantity(value) if _is_number(value) else text(value)


def clock(value: Any) -> str:
    """0:07, 12:34, 1:02:03."""
    from vgp.display import clock as clock_of

    return clock_of(value) if _is_number(value) else text(value)


def r2(value: Any) -> str:
    """R2 with as many nines as it has."""
    from vgp.display import r2_text

    return r2_text(float(value)) if _is_number(value) else text(value)


def size(value: Any) -> str:
    """512, 1.5K, 200M, 2.25G: powers of 1024."""
    if not _is_number(value):
        return text(value)
    power = min(int(math.log2(value)) // 10, 4) if value >= 1 else 0
    return f"{value / 1024**power:.4g}{' KMGT'[power].strip()}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
