"""Is a formula the law? Decided by numbers, without trusting any simplifier.

SRBench calls a formula exact when its difference from the law, or its ratio to it, is a constant. Its constants come from a search
in float32 and are never quite right: 0.159155 stands for 1/(2 pi), 0.9999998 f + 1e-9 for f. So the question is whether constants
near the found ones make the identity hold:

    a * formula(c') = law   or   formula(c') + b = law       for one a or b and all points,

where each constant of c' is within three digits of c, or its change moves the outputs by less than 5e-4 of their standard deviation
(a term that should not be there, 2.5e-7 of R2): what SRBench's rounding to three decimals forgives where numbers are near 1. Such
c' are sought by Gauss-Newton, first in float64, then in 60 digits, on more points than there are constants, in range and in ranges
half as wide again. An identity holds to 35 digits on fresh points; an approximation, be it good to 1e-9, does not, because nothing
but the identity can go on falling. Redundant constants are no obstacle: the shortest step is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from vgp.benchmarks.quality.agreement import SAME_VALUES, tidied
from vgp.benchmarks.quality.digits import column_values, real_values
from vgp.benchmarks.quality.expression import Expression, Floats

DIGITS = 60
HOLDS = 1e-35  # largest error left of an identity, relative to the law's size at the point
NEARLY = 1e-5  # what Gauss-Newton must reach in float64 to be worth 60 digits
SAME_DIGITS = 1e-3  # relative change of a constant that counts as rounding
POINTS = 240
CAREFUL, BOLD = (1.0, 0.3, 0.1, 0.01), (1.0,)  # where steps that help for now lead nowhere, others may lead on
MOST_STEPS = 30
MOST_CONSTANTS = 60


@dataclass(frozen=True)
class Verdict:
    """`exact`: the law up to rounding and one constant. `form`: the law after any change of constants, slope and intercept."""

    exact: bool
    form: bool


@dataclass(frozen=True)
class Points:
    """Where both have a value: X (n, variables), the law's values and their scale for weighing errors, (n,)."""

    X: Floats
    law: Floats
    scale: Floats
    spread: float  # standard deviation of the law in range


def verdict(formula: Expression, law: Expression, lows: Sequence[float], highs: Sequence[float], seed: int = 0) -> Verdict:
    """Whether `formula` is `law` on these ranges."""
    points = points_of(formula, law, np.array(lows), np.array(highs), np.random.default_rng(seed))
    if points is None or len(formula.constants) > MOST_CONSTANTS:
        return Verdict(False, False)
    for family in (RATIO, DIFFERENCE):
        if any(holds(formula, law, points, family, start) for start in starts(formula, points)):
            return Verdict(True, True)
    return Verdict(False, holds(formula, law, points, AFFINE, formula.values(), strict=False))


@dataclass(frozen=True)
class Family:
    """How the law may differ from the formula: which of slope and intercept are free in slope * formula + intercept = law.

    They stand with the formula, not with the law: there a slope of 0, and a formula of 0, would be a solution.
    """

    slope: bool
    intercept: bool

    @property
    def free(self) -> int:
        return self.slope + self.intercept

    def split(self, found: Any) -> tuple[Any, Any]:
        """Slope and intercept from the free ones."""
        slope, intercept = (found[0] if self.slope else 1.0), (found[-1] if self.intercept else 0.0)
        return slope, intercept

    def start(self, law: Floats, values: Floats) -> Floats:
        """The free ones that fit best."""
        columns = [values] * self.slope + [np.ones_like(law)] * self.intercept
        rest = law if self.slope else law - values
        return np.asarray(np.linalg.lstsq(np.column_stack(columns), rest, rcond=None)[0], np.float64)


RATIO, DIFFERENCE, AFFINE = Family(True, False), Family(False, True), Family(True, True)


def points_of(formula: Expression, law: Expression, low: Floats, high: Floats, rng: np.random.Generator) -> Points | None:
    """Half in range, where formula and law must have values, half beyond, where they may have none."""
    margin = 0.25 * (high - low)
    near = rng.uniform(low, high, (POINTS // 2, len(low)))
    far = rng.uniform(low - margin, high + margin, (POINTS // 2, len(low)))
    near = near[np.isfinite(law.on(near))]
    if len(near) < POINTS // 8 or not np.isfinite(formula.on(near)).all():
        return None
    X = np.vstack((near, far))
    values = law.on(X)
    spread, largest = float(np.std(values[: len(near)])), float(np.max(np.abs(values[: len(near)])))
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(values) & np.isfinite(formula.on(X)) & (np.abs(values) <= 10 * largest)
    if spread == 0:
        return None
    return Points(X[kept], values[kept], np.abs(values[kept]) + spread, spread)


def starts(formula: Expression, points: Points) -> list[Floats]:
    """The constants as found, and with those at 0 that may go there: the search creeps where a derivative is 0."""
    found, zeroed = formula.values(), tidied(formula, points.X).values()
    return [found] if np.array_equal(zeroed, found) else [found, zeroed]


def holds(formula: Expression, law: Expression, points: Points, family: Family, start: Floats, *, strict: bool = True) -> bool:
    """Whether constants near `start` make the identity hold; strict: within rounding of the found ones."""
    found = gauss_newton(formula, points, family, start)
    if found is None:
        return False
    constants, free = found
    if strict and not within_rounding(formula, points, constants, family.split(free)[0]):
        return False
    try:
        return confirmed(formula, law, points, family, np.concatenate((constants, free)))
    except (np.linalg.LinAlgError, OverflowError):  # the search went where numbers end
        return False


def residual(formula: Expression, points: Points, family: Family, unknown: Floats) -> Floats:
    n = len(unknown) - family.free
    slope, intercept = family.split(unknown[n:])
    return (slope * formula.on(points.X, unknown[:n]) + intercept - points.law) / points.scale


def gauss_newton(formula: Expression, points: Points, family: Family, start: Floats) -> tuple[Floats, Floats] | None:
    """Constants, and slope and intercept, that fit in float64; None if nothing fits nearly."""
    begun = np.concatenate((start, family.start(points.law, formula.on(points.X, start))))
    for shrinks in (CAREFUL, BOLD):
        unknown = descended(formula, points, family, begun, shrinks)
        if rms(residual(formula, points, family, unknown)) < NEARLY:
            return unknown[: len(start)], unknown[len(start) :]
    return None


def descended(formula: Expression, points: Points, family: Family, unknown: Floats, shrinks: Sequence[float]) -> Floats:
    """Gauss-Newton's steps, each shrunk until it helps; with one way to shrink each is taken, whether it helps or not."""
    best, error = unknown, residual(formula, points, family, unknown)
    least = rms(error)
    for _ in range(MOST_STEPS):
        jacobian = derivatives(formula, points, family, unknown)
        if not np.isfinite(jacobian).all() or rms(error) < 1e-15:
            break
        scale = np.maximum(np.abs(unknown), 1e-3)
        step = scale * np.linalg.lstsq(jacobian * scale, -error, rcond=1e-9)[0]
        for shrink in shrinks:
            trial = residual(formula, points, family, unknown + shrink * step)
            if rms(trial) < rms(error):
                break
        unknown, error, before = unknown + shrink * step, trial, rms(error)
        if not np.isfinite(error).all() or (len(shrinks) > 1 and rms(error) > 0.999 * before):
            break
        if rms(error) < least:
            best, least = unknown, rms(error)
    return best


def derivatives(formula: Expression, points: Points, family: Family, unknown: Floats) -> Floats:
    """Of the residual, (points, unknowns), by central differences."""
    columns = []
    for k in range(len(unknown)):
        h = 6e-6 * max(abs(unknown[k]), 1e-3)
        up, down = unknown.copy(), unknown.copy()
        up[k] += h
        down[k] -= h
        columns.append((residual(formula, points, family, up) - residual(formula, points, family, down)) / (up[k] - down[k]))
    return np.column_stack(columns)


def rms(values: Floats) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(np.mean(values**2)))


def within_rounding(formula: Expression, points: Points, constants: Floats, slope: float) -> bool:
    """Whether each constant kept three digits, or its change - all else as it is - hardly moves the outputs."""
    found = formula.values()
    spread = SAME_VALUES * points.spread
    for k, (before, after) in enumerate(zip(found, constants, strict=True)):
        if abs(after - before) <= SAME_DIGITS * abs(before):
            continue
        trial = constants.copy()
        trial[k] = before
        moved = slope * (formula.on(points.X, trial) - formula.on(points.X, constants))
        if not np.isfinite(moved).all() or rms(moved) > spread:
            return False
    return True


def confirmed(formula: Expression, law: Expression, points: Points, family: Family, unknown: Floats) -> bool:
    """Gauss-Newton goes on in 60 digits, with a Jacobian rounded to float64: each step gains about as many digits as that has."""
    with mpmath.workdps(DIGITS):
        rng = np.random.default_rng(len(points.X))
        rows = rng.permutation(len(points.X))[: 2 * len(unknown) + 30]
        fit, fresh = rows[: -len(rows) // 3], rows[-len(rows) // 3 :]
        exact = [mpmath.mpf(float(value)) for value in unknown]
        system = System(formula, law, points, family)
        solver: Floats | None = None
        last = np.inf
        for attempt in range(24):
            errors = system.errors(exact, fit)
            if errors is None:
                return False
            size = max(abs(error) for error in errors)
            if size < HOLDS:
                checked = system.errors(exact, fresh)
                return checked is not None and bool(max(abs(error) for error in checked) < HOLDS * 1e3)
            if attempt > 3 and size > 0.5 * last:
                return False
            if solver is None or size > 1e-2 * last:
                jacobian = system.jacobian(exact, fit, errors)
                scale = np.maximum(np.abs([float(value) for value in exact]), 1e-3)
                solver = scale[:, None] * np.linalg.pinv(jacobian * scale, rcond=1e-12)
            scaled = np.array([float(error / size) for error in errors])
            exact = [value - size * mpmath.mpf(float(step)) for value, step in zip(exact, solver @ scaled, strict=True)]
            last = size
        return False


@dataclass(frozen=True)
class System:
    """The identity's errors at points, in mpmath's numbers."""

    formula: Expression
    law: Expression
    points: Points
    family: Family

    def errors(self, unknown: list[Any], rows: Any) -> list[Any] | None:
        """At these rows; None if the formula has no real value at one of them."""
        n = len(unknown) - self.family.free
        slope, intercept = self.family.split(unknown[n:])
        columns = column_values(self.points.X[rows])
        found = real_values(self.formula, columns, unknown[:n])
        meant = real_values(self.law, columns, None)
        if found is None or meant is None:
            return None
        scale = self.points.scale[rows]
        return [(slope * f + intercept - m) / mpmath.mpf(float(s)) for f, m, s in zip(found, meant, scale, strict=True)]

    def jacobian(self, unknown: list[Any], rows: Any, errors: list[Any]) -> Floats:
        columns = []
        for k in range(len(unknown)):
            h = mpmath.mpf(10) ** (-DIGITS // 2) * max(abs(unknown[k]), mpmath.mpf("1e-3"))
            moved = self.errors([*unknown[:k], unknown[k] + h, *unknown[k + 1 :]], rows)
            columns.append(
                [0.0] * len(errors) if moved is None else [float((b - a) / h) for a, b in zip(errors, moved, strict=True)]
            )
        return np.array(columns).T
