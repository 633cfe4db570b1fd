"""Genomes as text that people and other programs read.

    form.py      the walk from postfix to text, and what a form is      text.py     infix, read back by vgp.formula
    names.py     column names, quoting, identifiers                     python.py   a NumPy function
    numbers.py   digits                                                 jax.py      the same on JAX arrays
    program.py   what exported functions share                          latex.py    a formula for documents
    json.py      a plain tree, and its reader                           c.py        a C function
    onnx.py      a model for onnxruntime and others                     sql.py      an expression for DuckDB and SQLite
    sympy.py     a SymPy expression, and Python source that makes it    mathml.py   a formula for web pages

onnx.py and sympy.py need the libraries of these names, and are imported when they are asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any

from vgp.errors import InputError
from vgp.export.c import to_c
from vgp.export.jax import to_jax
from vgp.export.json import from_json, to_json
from vgp.export.latex import to_latex
from vgp.export.mathml import to_mathml
from vgp.export.python import to_python
from vgp.export.sql import to_sql
from vgp.export.text import to_text
from vgp.layout import Genome

__all__ = [
    "BINARY",
    "FORMATS",
    "export",
    "from_json",
    "to_c",
    "to_jax",
    "to_json",
    "to_latex",
    "to_mathml",
    "to_python",
    "to_sql",
    "to_text",
]


def _sympy_source(nodes: Genome, names: Sequence[str] | None = None, **options: Any) -> str:
    from vgp.export.sympy import to_sympy_source

    return to_sympy_source(nodes, names, **options)


def _onnx_bytes(nodes: Genome, names: Sequence[str] | None = None, **options: Any) -> bytes:
    from vgp.export.onnx import to_onnx

    return bytes(to_onnx(nodes, names, **options).SerializeToString())


FORMATS: dict[str, Callable[..., str]] = {
    **{"text": to_text, "python": to_python, "latex": to_latex, "mathml": to_mathml, "c": to_c},
    **{"sql": to_sql, "jax": to_jax, "json": to_json, "sympy": _sympy_source},
}
"""Formats that are text."""

BINARY: dict[str, Callable[..., bytes]] = {"onnx": _onnx_bytes}
"""Formats that are bytes, as a file holds them."""


def export(
    nodes: Genome,
    format: str,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
) -> str:
    """The model intercept + slope * f in one of FORMATS, with exact constants. `link`: see vgp.algebra.scaled; Model.link has it.

    Raises InputError for an unknown format, or for one whose library is not installed.
    """
    if format not in FORMATS:
        raise InputError(f"there is no format {format!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[format](nodes, names, slope=slope, intercept=intercept, link=link)
