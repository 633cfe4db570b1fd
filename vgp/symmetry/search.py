"""Symmetries of a target, found by merging columns (compare AI Feynman, Udrescu and Tegmark 2020, which asks a neural network).

If y depends on x1 and x2 through x1 - x2 alone, a polynomial of that difference and the other columns predicts rows that it has not
seen better than one of all columns: it has fewer terms, or for as many a higher degree. So columns are merged greedily as long as
the left-out error falls; and powers of a column are taken out of the target, when what is left does not depend on it any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from vgp.symmetry.terms import POWERS, WAYS, Term, Way, functions_of_power
from vgp.symmetry.view import View

EXPLAINED = 0.5  # share of the target's variance that a view must explain before it can tell anything
ROUNDING = 1e-18  # shares of the variance below are the same
ACROSS = (0.0, 1.0, -1.0, 2.0, -2.0)  # powers of the divisor that go with a ratio: y = b^k h(a/b)


@dataclass(frozen=True)
class Step:
    """Some terms give way to another, and a power of one of them is taken out of the target."""

    error: float  # of the view it leads to
    gone: tuple[Term, ...]
    new: tuple[Term, ...] = ()
    factor: tuple[Term, float] | None = None

    def taken(self, view: View) -> View:
        return view.without(self.gone, self.new, self.factor)


def simplest(view: View, functions: Collection[str]) -> tuple[View, float]:
    """The view that greedy steps lead to, and the share of variance that the first one leaves unexplained.

    functions: names of those that formulas may use.
    """
    variance = float(np.var(view.target))
    floor = ROUNDING * variance
    error = first = max(view.error(), floor)
    if first > (1 - EXPLAINED) * variance:
        return view, first / variance
    while view.terms:
        steps = sorted(factored(view, functions), key=lambda step: step.error)
        if not steps or steps[0].error > error:
            steps = sorted(merged(view, functions), key=lambda step: step.error)
        if not steps or max(steps[0].error, floor) > error:
            break
        view, error = steps[0].taken(view), max(steps[0].error, floor)
        for step in disjoint(steps):  # the next best are likely to hold, too: asked alone, not searched for again
            further = step.taken(view)
            if (left := max(further.error(), floor)) <= error:
                view, error = further, left
    return view, first / variance


def factored(view: View, functions: Collection[str]) -> Iterator[Step]:
    """Views without one of the terms, which is idle or of which some power is taken out of the target."""
    exponents = [k for k in POWERS if functions_of_power(k) <= set(functions)]
    for term in view.terms:
        rest = view.without([term])
        yield Step(rest.error(), (term,))  # an idle column
        usable = [k for k in exponents if term.positive or (k > 0 and k % 1 == 0 and not view.logarithmic)]
        if usable:
            error, k = best_power(view, rest.terms, term, usable)
            yield Step(error, (term,), (), (term, k))


def best_power(view: View, rest: Sequence[Term], term: Term, exponents: Sequence[float]) -> tuple[float, float]:
    """(error, exponent): from 1 or -1 uphill along the rising exponents. In a logarithmic view all cost no more than one."""
    if view.logarithmic:
        errors = view.errors(rest, term, exponents)
        return float(errors.min()), exponents[int(np.argmin(errors))]
    known: dict[int, float] = {}

    def error(at: int) -> float:
        if at not in known:
            known[at] = float(view.errors(rest, term, [exponents[at]])[0]) if 0 <= at < len(exponents) else np.inf
        return known[at]

    at = min((i for i, k in enumerate(exponents) if abs(k) == 1), key=error, default=0)
    while (to := min((at - 1, at + 1), key=error)) in range(len(exponents)) and error(to) < error(at):
        at = to
    return error(at), exponents[at]


def merged(view: View, functions: Collection[str]) -> Iterator[Step]:
    """Views with one term in place of two."""
    for a, b in permutations(view.terms, 2):
        for way in WAYS:
            if set(way.functions) <= set(functions) and (way.ordered or view.terms.index(a) < view.terms.index(b)):
                yield from _merge(view, a, b, way, functions)


def _merge(view: View, a: Term, b: Term, way: Way, functions: Collection[str]) -> Iterator[Step]:
    if way.ordered and not b.positive and (b.values == 0).any():
        return
    with np.errstate(over="ignore"):
        new = way.make(a, b)
    if not np.isfinite(new.values).all() or np.ptp(new.values) == 0:
        return
    smaller = view.without([a, b], [new])
    divides = way.ordered and b.positive
    exponents = [k for k in ACROSS if not k or (divides and functions_of_power(k) <= set(functions))]
    errors = view.errors(smaller.terms, b, exponents)
    best = int(np.argmin(errors))
    yield Step(float(errors[best]), (a, b), (new,), (b, exponents[best]) if exponents[best] else None)


def disjoint(steps: list[Step]) -> list[Step]:
    """Those that touch other terms than the first and each other."""
    taken, found = {id(term) for term in steps[0].gone}, []
    for step in steps[1:]:
        if not taken & {id(term) for term in step.gone}:
            taken |= {id(term) for term in step.gone}
            found.append(step)
    return found
