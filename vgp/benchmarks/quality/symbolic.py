"""SRBench's own rule, by sympy (La Cava et al. 2021, experiment/symbolic_utils.py): simplify, round to three decimals, and look
whether the difference or the ratio is a constant; and SRBench's size, the nodes of the simplified formula.

Changes: columns whose range is positive are positive symbols, so that sqrt(x**2) is x. What is rounded to a whole number is written
as one, so that 1.0*x has one node, as in a law; nodes are counted after rounding to digits, not decimals. And each call of simplify
has a time limit, after which the formula is taken as it is: simplify may take hours.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sympy

from vgp.benchmarks.quality.expression import ARITIES, Expression, Operations, Step
from vgp.export.sympy import FAILURES as SYMPY_FAILS
from vgp.export.sympy import OPERATIONS

SIMPLIFY_SECONDS = 10.0
SMALL, DECIMALS = 1e-4, 3


class OutOfTime(Exception):
    """A call took longer than its limit."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises OutOfTime in the block after so many seconds. In the main thread only."""

    def ring(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


SYMBOLS: Operations = {
    **{name: function for name, function in OPERATIONS.items() if name in ARITIES},
    "where": OPERATIONS["if"],
    "cbrt": sympy.real_root,
    "ceil": sympy.ceiling,
    **{name: getattr(sympy, name) for name in ("sinh", "cosh", "floor", "asin", "acos", "atan")},
}


def symbols_for(names: Sequence[str], lows: Sequence[float]) -> list[Any]:
    """A symbol per column, positive where its range is."""
    signs = [{"positive": True} if low > 0 else {"real": True} for low in lows]
    return [sympy.Symbol(name, **sign) for name, sign in zip(names, signs, strict=True)]


def to_sympy(formula: Expression, symbols: Sequence[Any]) -> Any:
    """The formula as sympy's; whole numbers as integers, others as floats."""
    return formula.evaluate(symbols, SYMBOLS, _number)


def _number(step: Step) -> Any:
    if step.name == "pi":
        return sympy.Float("3.1415926535")  # as SRBench writes it
    return sympy.Integer(int(step.value)) if step.value.is_integer() and abs(step.value) < 1e9 else sympy.Float(step.value)


def simplified(expression: Any, seconds: float = SIMPLIFY_SECONDS) -> Any:
    """What simplify makes of it in that time, or else the expression itself."""
    try:
        with time_limit(seconds):
            return sympy.simplify(expression, ratio=1)
    except OutOfTime:
        return expression
    except SYMPY_FAILS:
        return expression


def rounded(expression: Any) -> Any:
    """Floats to three decimals, those below 1e-4 to 0, and 1.000 to the integer, which disappears as a factor."""
    return expression.xreplace({number: _rounded(float(number)) for number in expression.atoms(sympy.Float)})


def shortened(expression: Any) -> Any:
    """Floats to three significant digits, for counting and showing: rounding to decimals would empty a formula of small numbers."""
    return expression.xreplace({number: _plain(float(f"{float(number):.3g}")) for number in expression.atoms(sympy.Float)})


def _rounded(value: float) -> Any:
    return _plain(0.0 if abs(value) < SMALL else round(value, DECIMALS))


def _plain(short: float) -> Any:
    return sympy.Integer(int(short)) if short.is_integer() and abs(short) < 1e9 else sympy.Float(short)


def size(expression: Any) -> int:
    """Nodes, as SRBench counts them."""
    return sum(1 for _ in sympy.preorder_traversal(expression))


def srbench_exact(model: Any, law: Any, seconds: float = SIMPLIFY_SECONDS) -> bool:
    """Whether the difference or the ratio of a simplified, rounded model and the law is a constant other than 0."""
    try:
        with time_limit(seconds):
            if model.is_constant():
                return False
            difference, ratio = rounded(law - model), rounded(model / law)
            if ratio.is_constant() and ratio != 0:
                return True
        difference, ratio = rounded(simplified(difference, seconds)), rounded(simplified(ratio, seconds))
        with time_limit(seconds):
            return bool(difference.is_constant()) or bool(ratio.is_constant() and ratio != 0)
    except (OutOfTime, *SYMPY_FAILS):
        return False
