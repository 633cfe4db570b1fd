"""Genomes as Python source that makes their SymPy expression."""

import math
from collections.abc import Sequence
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from vgp.algebra import scaled
from vgp.errors import InputError
from vgp.export.names import columns_used, identifiers, name_of, quoted
from vgp.export.sympy import FAILURES, to_sympy
from vgp.export.text import to_text
from vgp.layout import Genome


class _SourcePrinter(StrPrinter):  # type: ignore[misc]
    """SymPy's own notation, with floats exact, fractions exact, and symbols by identifiers."""

    def __init__(self, words: dict[str, str]):
        super().__init__({"sympy_integers": True})
        self.words = words

    def _print_Symbol(self, symbol: Any) -> str:
        return self.words[symbol.name]

    def _print_Float(self, number: Any) -> str:
        value = float(number)
        return repr(value) if math.isfinite(value) and (value != 0 or number == 0) else f'Float("{number}")'


def _words(nodes: Genome, names: Sequence[str] | None) -> dict[str, str]:
    """An identifier that SymPy does not use itself for the name of each column."""
    words: dict[str, str] = {}
    for column, word in identifiers(columns_used(nodes), names).items():
        while hasattr(sympy, word) or word == "formula" or word in words.values():
            word += "_"
        words[name_of(column, names)] = word
    return words


def to_sympy_source(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
) -> str:
    """Python source that needs SymPy only and leaves the expression of `to_sympy` in `formula`.

    Raises what `to_sympy` raises, and InputError for an expression that nests deeper than Python reads.
    """
    expression = to_sympy(nodes, names, slope=slope, intercept=intercept, link=link)
    words = _words(nodes, names) if expression.free_symbols else {}
    try:
        text = _SourcePrinter(words).doprint(expression)
        compile(text, "formula", "eval")
    except (SyntaxError, MemoryError, *FAILURES):
        raise InputError("this formula nests too deep for Python source of SymPy: take the format json or python") from None
    head = ["# " + quoted(to_text(scaled(nodes, slope, intercept, link), names)), "from sympy import *", ""]
    symbols = [f"{word} = Symbol({quoted(name)}, real=True)" for name, word in words.items()]
    return "\n".join([*head, *symbols, f"formula = {text}", ""])
