"""The front of formulas by size, printed: a table on a terminal, aligned columns elsewhere."""

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vgp.display import r2_text
from vgp.front import FrontEntry

HEADINGS = ("", "no", "size", "loss", "R2", "formula")
CHOSEN = ">"


def print_front(entries: Sequence[FrontEntry], chosen: int, stream: TextIO) -> None:
    """One line per entry, numbered from 1; the chosen one is marked ">" and highlighted where the stream has colours."""
    rows = [_cells(i, entry, i == chosen) for i, entry in enumerate(entries)]
    console = Console(file=stream, highlight=False)
    if console.is_terminal:
        console.print(_table(rows, chosen))
        return
    widths = [max(len(row[column]) for row in (HEADINGS, *rows)) for column in range(len(HEADINGS) - 1)]
    for row in (HEADINGS, *rows):
        aligned = [cell.rjust(width) for cell, width in zip(row, widths, strict=False)]
        print(*aligned, row[-1], sep="  ", file=stream)


def _cells(i: int, entry: FrontEntry, chosen: bool) -> tuple[str, ...]:
    return (CHOSEN if chosen else "", str(i + 1), str(entry.size), f"{entry.loss:.6g}", r2_text(entry.r2), entry.formula)


def _table(rows: Sequence[Sequence[str]], chosen: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in HEADINGS[:-1]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(HEADINGS[-1], overflow="fold")
    for i, row in enumerate(rows):
        # Text: a column called "[red]" is a name, not markup
        table.add_row(*(Text(cell) for cell in row), style="bold green" if i == chosen else "")
    return table
