"""Text that stays text in HTML, and the few elements that every section is made of."""

import math
from collections.abc import Iterable, Sequence
from html import escape

MOST_LETTERS = 20_000


def text(value: object) -> str:
    """Any value as text of a page or of an attribute: escaped, in one line, without characters that HTML does not allow."""
    return escape("".join(c if c.isprintable() else " " if c.isspace() else "�" for c in _cut(str(value))))


def lines(value: object) -> str:
    """Like `text`, but lines stay lines."""
    return "\n".join(text(line) for line in _cut(str(value)).split("\n"))


def _cut(whole: str) -> str:
    return whole if len(whole) <= MOST_LETTERS else whole[: MOST_LETTERS - 1] + "…"


def number(value: object, digits: int = 6) -> str:
    """A number with at most so many digits; a dash where there is none."""
    if isinstance(value, (int, float)) and math.isfinite(value):
        return f"{value:.{digits}g}"
    return "–"


def section(title: str, *parts: str) -> str:
    """A section of the page; `title` is ours."""
    return f"<section>\n<h2>{title}</h2>\n" + "\n".join(part for part in parts if part) + "\n</section>"


def note(words: str) -> str:
    """Why something is not there. `words` may be anybody's."""
    return f'<p class="missing">{text(words)}</p>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], classes: Sequence[str] = (), marked: int | None = None) -> str:
    """A table of cells that are markup already; `classes` of the columns, `marked` the row that stands out."""
    kinds = [*classes, *[""] * (len(headings) - len(classes))]
    head = "".join(f'<th scope="col"{_class(kind)}>{cell}</th>' for cell, kind in zip(headings, kinds, strict=True))
    body = [
        f"<tr{_class('chosen' if i == marked else '')}>"
        + "".join(f"<td{_class(kind)}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for i, row in enumerate(rows)
    ]
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(body) + "\n</tbody>"
    return f'<div class="wide"><table>\n{inside}\n</table></div>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
