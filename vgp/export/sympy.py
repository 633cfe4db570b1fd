"""Genomes as SymPy expressions over real symbols that bear the columns' names, and as Python source that makes them.

Where a formula has no value SymPy has its own opinion: the square root of a negative number is imaginary, 1/0 is zoo, and sine and
cosine go on beyond 2^30. It also simplifies while it builds, x/x to 1, for instance. Everywhere else the values are the same.
"""

import math
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from vgp.algebra import scaled
from vgp.errors import GenomeError, InputError, MissingLibrary
from vgp.export.names import columns_used, identifiers, name_of, quoted
from vgp.export.text import to_text
from vgp.genome import validate
from vgp.layout import CONSTANT, NAMES, REFERENCE, VARIABLE, Genome, constant_value

try:
    import sympy
    from sympy.printing.str import StrPrinter
except ImportError:
    raise MissingLibrary("exports to SymPy need sympy: pip install 'vcloud[export]'") from None

# what SymPy raises where imaginary or piecewise parts are more than it can do
FAILURES = (TypeError, ValueError, ArithmeticError, AttributeError, NotImplementedError, RecursionError, LookupError)


def _indicator(relation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: sympy.Piecewise((1, relation(a, b)), (0, True))


def _select(c: Any, a: Any, b: Any) -> Any:
    return sympy.Piecewise((a, _condition(c)), (b, True))


def _condition(c: Any) -> Any:
    """c > 0, and of a comparison that was made a number the comparison itself."""
    if isinstance(c, sympy.Piecewise) and [value for value, _ in c.args] == [1, 0] and c.args[1][1] == sympy.true:
        return c.args[0][1]
    return c > 0


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "aq": lambda a, b: a / sympy.sqrt(1 + b**2),
    "pow": sympy.Pow,
    "min": sympy.Min,
    "max": sympy.Max,
    "less": _indicator(lambda a, b: a < b),
    "less_equal": _indicator(lambda a, b: a <= b),
    "greater": _indicator(lambda a, b: a > b),
    "greater_equal": _indicator(lambda a, b: a >= b),
    "neg": lambda a: -a,
    "square": lambda a: a**2,
    **{name: getattr(sympy, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "tanh")},
    "abs": sympy.Abs,
    "if": _select,
}


def to_sympy(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
) -> Any:
    """intercept + slope * f as a sympy.Expr over real symbols called as the columns are.

    Whole constants are integers, others floats of 53 bits. `link`: see vgp.algebra.scaled. Raises GenomeError for a genome that is
    invalid or has references, InputError if `names` is too short or SymPy cannot hold the formula, for it compares no
    imaginary numbers.
    """
    whole = scaled(nodes, slope, intercept, link)
    validate(whole)
    symbols = {column: sympy.Symbol(name_of(column, names), real=True) for column in columns_used(whole)}
    try:
        return _expression(whole, symbols)
    except GenomeError:
        raise
    except FAILURES as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"SymPy cannot hold this formula: {reason[:120]}") from None


def _expression(nodes: Genome, symbols: dict[int, Any]) -> Any:
    stack: list[Any] = []
    for op, arity, _, payload in nodes.tolist():
        if op == REFERENCE:
            raise GenomeError("the organism calls others: flatten it before it is exported", "missing_reference")
        operands = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        if op == CONSTANT:
            stack.append(number(constant_value(payload)))
        else:
            stack.append(symbols[payload] if op == VARIABLE else OPERATIONS[NAMES[op]](*operands))
    return stack[0]


def number(value: float) -> Any:
    """A whole number as an integer, any other as a float."""
    return sympy.Integer(int(value)) if value.is_integer() and abs(value) < 2**53 else sympy.Float(value)


class _SourcePrinter(StrPrinter):  # type: ignore[misc]
    """SymPy's own notation, with floats exact, fractions exact, and symbols by identifiers."""

    def __init__(self, words: dict[str, str]):
        super().__init__({"sympy_integers": True})
        self.words = words

    def _print_Symbol(self, symbol: Any) -> str:
        return self.words[symbol.name]

    def _print_Float(self, number: Any) -> str:
        value = float(number)
        return repr(value) if math.isfinite(value) and (value != 0 or number == 0) else str(sympy.srepr(number))


def _words(nodes: Genome, names: Sequence[str] | None) -> dict[str, str]:
    """An identifier that SymPy does not use itself for the name of each column."""
    words: dict[str, str] = {}
    for column, stem in identifiers(columns_used(nodes), names).items():
        taken = {"formula", *words.values()}
        tails = (stem + "_" * n for n in count())
        words[name_of(column, names)] = next(word for word in tails if word not in taken and not hasattr(sympy, word))
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
