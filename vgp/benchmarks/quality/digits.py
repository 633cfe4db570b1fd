"""Formulas in mpmath's numbers, of as many digits as its working precision has."""

from typing import Any

import mpmath

from vgp.benchmarks.quality.expression import Expression, Floats, Operations, Step


class Undefined(ArithmeticError):
    """A formula has no real value at a point."""


def real_values(formula: Expression, columns: list[list[Any]], constants: list[Any] | None) -> list[Any] | None:
    """A formula at points, each given by its columns; None if it has no real value at one of them."""
    try:
        values = [formula.evaluate(point, MANY, number, constants) for point in columns]
    except (Undefined, ArithmeticError, ValueError):
        return None
    return values if all(mpmath.isfinite(value) for value in values) else None


def column_values(X: Floats) -> list[list[Any]]:
    """The rows of X as mpmath's numbers."""
    return [[mpmath.mpf(float(value)) for value in row] for row in X]


def number(step: Step) -> Any:
    """A number as it was written, in all digits."""
    return +mpmath.pi if step.name == "pi" else mpmath.mpf(step.digits or step.value)


def _power(a: Any, b: Any) -> Any:
    return _real(mpmath.power(a, b)) if a != 0 or b > 0 else _undefined()


def _undefined() -> Any:
    raise Undefined


def _real(value: Any) -> Any:
    return value if isinstance(value, mpmath.mpf) else _undefined()


def _exp(a: Any) -> Any:
    return mpmath.exp(a) if abs(a) < 1e4 else _undefined()


def _positive(function: Any, least: float) -> Any:
    return lambda a: function(a) if a > least or (a == least == 0 and function is mpmath.sqrt) else _undefined()


def _within_one(function: Any) -> Any:
    return lambda a: function(a) if abs(a) <= 1 else _undefined()


MANY: Operations = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b if b != 0 else _undefined(),
    "pow": _power,
    "min": min,
    "max": max,
    "neg": lambda a: -a,
    "square": lambda a: a * a,
    "abs": abs,
    "exp": _exp,
    "sqrt": _positive(mpmath.sqrt, 0.0),
    "log": _positive(mpmath.log, 0.0),
    "asin": _within_one(mpmath.asin),
    "acos": _within_one(mpmath.acos),
    **{name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "floor", "ceil")},
    "cbrt": lambda a: mpmath.cbrt(a) if a >= 0 else -mpmath.cbrt(-a),
    "less": lambda a, b: mpmath.mpf(a < b),
    "less_equal": lambda a, b: mpmath.mpf(a <= b),
    "greater": lambda a, b: mpmath.mpf(a > b),
    "greater_equal": lambda a, b: mpmath.mpf(a >= b),
    "where": lambda c, a, b: a if c > 0 else b,
}
