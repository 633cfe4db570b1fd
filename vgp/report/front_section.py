"""The formulas: the recommended one large, all of them in a table."""

import math

from vgp.algebra import scaled, simplify
from vgp.display import r2_text
from vgp.export import to_mathml
from vgp.front import FrontEntry
from vgp.model import Model
from vgp.report.markup import number, section, table, text

DIGITS = 6
LEGEND = """\
The best formula of each size; the recommended one stands out: it tells the data in the fewest words.
Constants c1, c2, … stand in the formula f of intercept + slope · f."""


def headline(model: Model) -> str:
    """The recommended formula and how good it is."""
    entry = model.entries[model.chosen]
    columns = ", ".join(model.inputs(entry)) or "a constant"
    facts = f"{model.loss} loss {number(entry.loss)}, R² {r2_text(entry.r2)}, {entry.size} nodes"
    return (
        f"<header>\n<h1>{text(model.target)} explained by {text(columns)}</h1>\n"
        f'<div class="equation">{formula(entry, model.target)}</div>\n'
        f'<p><code>{text(model.target)} = {text(entry.formula)}</code></p>\n<p class="soft">{text(facts)}</p>\n</header>'
    )


def front_section(model: Model, picture: str) -> str:
    """The table of the front under its picture."""
    rows = [
        (
            str(i + 1),
            str(entry.size),
            number(entry.loss),
            text(r2_text(entry.r2)),
            f'<div class="wide">{formula(entry)}</div><details><summary>as text, with errors of its constants</summary>'
            f"<code>{text(entry.formula)}</code><br>{constants(entry)}</details>",
        )
        for i, entry in enumerate(model.entries)
    ]
    headings = ("no", "size", "loss", "R²", "formula")
    kinds = ("number", "number", "number", "number", "formula")
    return section("Front", picture, f'<p class="soft">{LEGEND}</p>', table(headings, rows, kinds, model.chosen))


def formula(entry: FrontEntry, target: str | None = None) -> str:
    """A formula, or an equation, as a browser typesets it."""
    return to_mathml(simplify(scaled(entry.nodes, entry.slope, entry.intercept)), entry.names, digits=DIGITS, target=target)


def constants(entry: FrontEntry) -> str:
    """What was fitted, a line each."""
    return "<br>".join(_with_error(*part) for part in entry.uncertain) or "–"


def _with_error(name: str, value: float, error: float) -> str:
    known = f"± {error:.2g}" if math.isfinite(error) else "(not determined by the data)"
    return f"{name} {number(value)} {known}"
