"""Columns, and what may stand in the place of two of them: differences, ratios, products, sums, distances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vgp.symmetry.surrogate import Floats


@dataclass(frozen=True, eq=False)
class Term:
    """An expression and its values, (rows,)."""

    text: str
    values: Floats
    atomic: bool = True
    sum_of_squares: str = ""  # of a distance: its text without the root
    inverse: str = ""  # of a ratio: 1 over it

    @property
    def operand(self) -> str:
        """The text as it stands within another."""
        return self.text if self.atomic else f"({self.text})"

    @property
    def positive(self) -> bool:
        return bool((self.values > 0).all())


def ratio(a: Term, b: Term) -> Term:
    return Term(f"{a.operand}/{b.operand}", a.values / b.values, atomic=False, inverse=f"{b.operand}/{a.operand}")


def difference(a: Term, b: Term) -> Term:
    return Term(f"{a.operand} - {b.operand}", a.values - b.values, atomic=False)


def product(a: Term, b: Term) -> Term:
    return Term(f"{a.operand}*{b.operand}", a.values * b.values, atomic=False)


def total(a: Term, b: Term) -> Term:
    return Term(f"{a.operand} + {b.operand}", a.values + b.values, atomic=False)


def distance(a: Term, b: Term) -> Term:
    """sqrt(a^2 + b^2), so that the distance in three dimensions is one of two distances."""
    squares = " + ".join(part.sum_of_squares or f"{part.operand}^2" for part in (a, b))
    return Term(f"sqrt({squares})", np.hypot(a.values, b.values), True, squares)


@dataclass(frozen=True)
class Way:
    """How two columns become one. `ordered`: a with b is another thing than b with a."""

    make: Callable[[Term, Term], Term]
    functions: tuple[str, ...]  # that the formula needs
    ordered: bool = False


WAYS = (
    Way(ratio, ("div",), ordered=True),
    Way(difference, ("sub",)),
    Way(product, ("mul",)),
    Way(total, ("add",)),
    Way(distance, ("square", "add", "sqrt")),
)

POWERS = (-4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # of columns, as laws have them


def functions_of_power(k: float) -> set[str]:
    """That x^k is written with."""
    size = abs(k)
    parts = {"mul": k > 0 or size in (1.5, 3.0), "div": k < 0, "sqrt": size % 1 != 0, "square": size >= 2}
    return {name for name, needed in parts.items() if needed}


def power_product(factors: Sequence[tuple[Term, float]]) -> str:
    """x^a * y^b / z^c as text; empty where there are none."""
    above = [_power(term, k) for term, k in factors if k > 0]
    below = [_power(term, -k) for term, k in factors if k < 0]
    text = "*".join(above) or ("1" if below else "")
    divisor = "*".join(below)
    return text if not below else f"{text}/({divisor})" if "*" in divisor else f"{text}/{divisor}"


def _power(term: Term, k: float) -> str:
    if term.sum_of_squares and k in (2.0, 4.0):
        return f"({term.sum_of_squares})" + ("^2" if k == 4 else "")
    x, root = term.operand, f"sqrt({term.text})"
    return {0.5: root, 1.0: x, 1.5: f"{x}*{root}", 2.0: f"{x}^2", 3.0: f"{x}*{x}^2", 4.0: f"({x}^2)^2"}[k]
