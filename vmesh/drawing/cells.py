"""Text that fits into columns of a terminal, where some characters take two columns and some none.

A row is a list of pieces, each with a style; what a style looks like is decided by whoever draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prompt_toolkit.utils import get_cwidth

from vgp.cli.arguments import printable

ENDING = "…"

Piece = tuple[str, str]  # style, text
Row = list[Piece]


def width(text: str) -> int:
    """Columns that a text takes."""
    return len(text) if text.isascii() else get_cwidth(text)


def clean(text: str) -> str:
    """One line without control characters: what others wrote must not steer the terminal."""
    return text if text.isascii() and text.isprintable() else printable(text)


def clip(text: str, most: int, ending: str = ENDING) -> str:
    """The text, or its beginning with an ending where it takes more columns than there are."""
    if width(text) <= most:
        return text
    room = most - width(ending)
    return _beginning(text, room) + ending if room >= 0 else _beginning(text, max(most, 0))


def left(text: str, columns: int) -> str:
    """Exactly so many columns, the text at the left."""
    clipped = clip(text, columns)
    return clipped + " " * (columns - width(clipped))


def right(text: str, columns: int) -> str:
    """Exactly so many columns, the text at the right."""
    clipped = clip(text, columns)
    return " " * (columns - width(clipped)) + clipped


def fitted(row: Iterable[Piece], columns: int) -> Row:
    """Exactly so many columns: what is too long is clipped, what is too short filled with blanks."""
    out: Row = []
    room = columns
    pieces = list(row)
    for at, (style, text) in enumerate(pieces):
        more = any(rest.strip() for _, rest in pieces[at + 1 :])
        taken = clip(text.rstrip() if width(text) > room else text, room)
        if more and taken == text and width(text) == room:
            taken = _beginning(text, room - 1) + ENDING if room > 0 else ""
        out.append((style, taken))
        room -= width(taken)
        if taken != text:
            break
    return [*out, ("", " " * room)] if room > 0 else out


def block(rows: Sequence[Row], columns: int, height: int) -> list[Row]:
    """Exactly so many rows of exactly so many columns."""
    shown = [fitted(row, columns) for row in rows[:height]]
    return [*shown, *([("", " " * columns)] for _ in range(height - len(shown)))]


def beside(blocks: Sequence[Sequence[Row]], gap: str = "  ") -> list[Row]:
    """Blocks of the same height, from left to right."""
    rows: list[Row] = []
    for parts in zip(*blocks, strict=True):
        row: Row = []
        for part in parts:
            row += [*([("", gap)] if row else []), *part]
        rows.append(row)
    return rows


def styled(row: Row, style: str) -> Row:
    """The same text in one style."""
    return [(style, "".join(text for _, text in row))]


def plain(row: Row) -> str:
    """The text alone."""
    return "".join(text for _, text in row).rstrip()


def _beginning(text: str, columns: int) -> str:
    room = columns
    for at, character in enumerate(text):
        room -= width(character)
        if room < 0:
            return text[:at]
    return text
