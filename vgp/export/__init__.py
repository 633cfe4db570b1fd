"""Genomes as text that people and other programs read.

    form.py      the walk from postfix to text, and what a form is      text.py     infix, read back by vgp.formula
    names.py     column names, quoting, identifiers                     python.py   a NumPy function
    numbers.py   digits                                                 latex.py    a formula for documents
    program.py   what exported functions share                          mathml.py   a formula for web pages
                                                                        c.py        a C function
"""

from collections.abc import Callable, Sequence

from vgp.errors import InputError
from vgp.export.c import to_c
from vgp.export.latex import to_latex
from vgp.export.mathml import to_mathml
from vgp.export.python import to_python
from vgp.export.text import to_text
from vgp.layout import Genome

__all__ = ["FORMATS", "export", "to_c", "to_latex", "to_mathml", "to_python", "to_text"]

FORMATS: dict[str, Callable[..., str]] = {
    "text": to_text, "python": to_python, "latex": to_latex, "mathml": to_mathml, "c": to_c,
}  # fmt: skip


def export(nodes: Genome, format: str, names: Sequence[str] | None = None, *, slope: float = 1.0, intercept: float = 0.0) -> str:
    """The model intercept + slope * f in one of FORMATS, with exact constants. Raises InputError for an unknown format."""
    if format not in FORMATS:
        raise InputError(f"there is no format {format!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[format](nodes, names, slope=slope, intercept=intercept)
