"""Genomes as text that people and other programs read.

    form.py      the walk from postfix to text, and what a form is      text.py     infix, read back by vgp.formula
    names.py     column names, quoting, identifiers                     python.py   a NumPy function
    numbers.py   digits                                                 latex.py    a formula for documents
    program.py   what exported functions share                          c.py        a C function
"""

from collections.abc import Callable, Sequence

from vgp.algebra import scaled, simplify
from vgp.errors import InputError
from vgp.export.c import to_c
from vgp.export.latex import to_latex
from vgp.export.python import to_python
from vgp.export.text import to_text
from vgp.layout import Genome

__all__ = ["FORMATS", "export", "readable", "to_c", "to_latex", "to_python", "to_text"]


def _text(nodes: Genome, names: Sequence[str] | None = None, *, slope: float = 1.0, intercept: float = 0.0) -> str:
    return to_text(scaled(nodes, slope, intercept), names)


FORMATS: dict[str, Callable[..., str]] = {"text": _text, "python": to_python, "latex": to_latex, "c": to_c}


def export(
    nodes: Genome, format: str, names: Sequence[str] | None = None, *, slope: float = 1.0, intercept: float = 0.0
) -> str:
    """The model intercept + slope * f in one of FORMATS, with exact constants. Raises InputError for an unknown format."""
    if format not in FORMATS:
        raise InputError(f"there is no format {format!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[format](nodes, names, slope=slope, intercept=intercept)


def readable(
    nodes: Genome, names: Sequence[str] | None = None, *, slope: float = 1.0, intercept: float = 0.0, digits: int = 5
) -> str:
    """The model intercept + slope * f for the eye: lightly simplified, constants with `digits` significant digits."""
    return to_text(simplify(scaled(nodes, slope, intercept)), names, digits=digits)
