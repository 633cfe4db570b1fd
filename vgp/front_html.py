"""A front as a table of HTML: formulas typeset by the browser itself, the recommended one marked."""

from collections.abc import Sequence
from html import escape

from vgp.display import r2_text
from vgp.export.mathml import to_mathml
from vgp.front import FrontEntry

DIGITS = 4  # of constants: for the eye
HEAD = "<tr><th></th><th>row</th><th>size</th><th>loss</th><th>R²</th><th>formula</th></tr>"


def front_html(entries: Sequence[FrontEntry], chosen: int | None, target: str) -> str:
    """One <table>. Rows are counted from 0, as those of `equations_` are; column names are text, whatever they hold."""
    rows = "".join(_row(k, entry, k == chosen) for k, entry in enumerate(entries))
    return f"<table><caption>formulas for {escape(target)}</caption><thead>{HEAD}</thead><tbody>{rows}</tbody></table>"


def _row(number: int, entry: FrontEntry, chosen: bool) -> str:
    cells = [">" if chosen else "", str(number), str(entry.size), f"{entry.loss:.4g}", r2_text(entry.r2)]
    text = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    formula = to_mathml(entry.nodes, entry.names, slope=entry.slope, intercept=entry.intercept, digits=DIGITS)
    return f'<tr{" style=font-weight:bold" if chosen else ""}>{text}<td style="text-align:left">{formula}</td></tr>'
