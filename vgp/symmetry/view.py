"""A way to look at a table: which columns are left, what was taken out of the target, and how well that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vgp.symmetry.surrogate import Floats, left_out_errors, left_out_errors_of
from vgp.symmetry.terms import Term

NOTHING = Term("1", np.ones(1))  # to take out of a target


@dataclass(frozen=True)
class View:
    """target = factor * smooth function of the terms. In a logarithmic view target, factor and positive terms are logarithms."""

    terms: tuple[Term, ...]
    target: Floats
    factors: tuple[tuple[Term, float], ...] = ()
    logarithmic: bool = False

    def columns(self, terms: Sequence[Term]) -> Floats:
        if not terms:
            return np.zeros((len(self.target), 0))
        values = [np.log(t.values) if self.logarithmic and t.positive else t.values for t in terms]
        return np.stack(values, axis=1)

    @property
    def factor(self) -> Floats:
        result = np.ones(len(self.target))
        for term, k in self.factors:
            result = result * term.values**k
        return result

    def error(self) -> float:
        """Left-out squared error of this view, in units of the target."""
        return float(self.errors(self.terms, NOTHING, (0.0,))[0])

    def errors(self, terms: Sequence[Term], base: Term, exponents: Sequence[float]) -> Floats:
        """The errors with these terms in place of its own, for each power of `base` taken out of the target besides."""
        columns = self.columns(terms)
        if self.logarithmic:
            steps = np.stack([k * np.log(base.values) if k else np.zeros(len(self.target)) for k in exponents], axis=1)
            return left_out_errors_of(columns, (self.target - sum_of_logs(self.factors))[:, None] - steps)
        factor = self.factor
        return left_out_errors(columns, np.stack([factor * (base.values**k if k else 1.0) for k in exponents], axis=1), self.target)

    def without(self, gone: Sequence[Term], new: Sequence[Term] = (), factor: tuple[Term, float] | None = None) -> View:
        """The view with some terms replaced by others, and one more factor taken out."""
        terms = (*(t for t in self.terms if all(t is not other for other in gone)), *new)
        return replace(self, terms=terms, factors=(*self.factors, factor) if factor else self.factors)


def sum_of_logs(factors: Sequence[tuple[Term, float]]) -> Floats | float:
    return sum((k * np.log(term.values) for term, k in factors), start=np.float64(0.0))
