"""What a formula is worth, judged the same for every engine from its text alone.

exact     the law, up to rounding of its constants and one constant more or one factor: SRBench's definition, by identity.py
srbench   the same as SRBench's program decides it: it misses what sympy cannot simplify, and its rounding forgives more where
          numbers are small; the formula must at least follow the law on wider ranges, or anything near 0 would be a constant
form      the law after other constants: the right formula, its constants spoiled by noise
wide      R2 > 0.999999 in ranges half as wide again
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vgp.benchmarks.quality import symbolic
from vgp.benchmarks.quality.agreement import on_wider_ranges, r2, tidied
from vgp.benchmarks.quality.expression import Expression, Floats, parse
from vgp.benchmarks.quality.identity import Verdict, verdict
from vgp.benchmarks.quality.problems import Problem
from vgp.benchmarks.quality.sampling import rows_of, wider_rows
from vgp.errors import InputError

ACCURATE, SOON, WIDE = 0.999, 0.9999, 0.999999
WORTH_A_LOOK = 0.99  # R2, after the best slope and intercept, below which no formula is taken for the law
AGREES = 0.9999  # R2 on wider ranges that SRBench's rule must be borne out by

Trace = Sequence[tuple[float, str]]


def judge(problem: Problem, seed: int, formula: str, trace: Trace = ()) -> dict[str, Any]:
    """Every figure of one run. A formula that cannot be read is worth nothing, and `unreadable` says why."""
    rows, (X_wide, y_wide) = rows_of(problem, seed), wider_rows(problem, seed)
    try:
        found = parse(formula)
    except InputError as error:
        nothing = dict.fromkeys(("exact", "srbench", "form", "wide"), False) | dict.fromkeys(("r2", "size", "soon"))
        return {**nothing, "simplified": "", "unreadable": str(error)}
    values = found.on(rows.X_test)
    wide = on_wider_ranges(found, X_wide, y_wide, float(np.max(np.abs(rows.y_test))))
    names = symbolic.symbols_for(problem.variables, problem.lows)
    model = symbolic.simplified(symbolic.to_sympy(tidied(found, rows.X_test), names))
    near = r2_after_scaling(rows.y_test, values) > WORTH_A_LOOK
    by_numbers = verdict(found, problem.law, problem.lows, problem.highs, seed) if near else Verdict(False, False)
    law = symbolic.to_sympy(problem.law, names)
    srbench = near and symbolic.srbench_exact(symbolic.rounded(model), law) and wide_after_scaling(found, problem, X_wide, y_wide)
    return {
        "exact": by_numbers.exact,
        "srbench": srbench,
        "form": by_numbers.form,
        "wide": wide > WIDE,
        "r2": finite(r2(rows.y_test, values)),
        "r2_wide": finite(wide),
        "nodes": found.size,
        "size": symbolic.size(symbolic.shortened(model)),
        "simplified": str(symbolic.shortened(model))[:500],
        "soon": first_above(SOON, trace, rows.X_test, rows.y_test),
    }


def first_above(level: float, trace: Trace, X: Floats, y: Floats) -> float | None:
    """CPU seconds when the formula with the least training error first had a test R2 above this level; None: never."""
    for seconds, text in trace:
        try:
            if r2(y, parse(text).on(X)) > level:
                return seconds
        except InputError:
            continue
    return None


def r2_after_scaling(y: Floats, values: Floats) -> float:
    """R2 of the best a + b values; 0 where a value is missing."""
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return 0.0
    centred = (values - values.mean()) / np.max(np.abs(values - values.mean()))
    return float(np.corrcoef(centred, y)[0, 1] ** 2)


def wide_after_scaling(found: Expression, problem: Problem, X: Floats, y: Floats) -> bool:
    """Whether the formula follows the law on wider ranges up to slope and intercept."""
    values = found.on(X)
    inside = np.isfinite(y) & np.isfinite(values) & (np.abs(y) <= 10 * np.nanmedian(np.abs(y)))
    return bool(inside.any()) and r2_after_scaling(y[inside], values[inside]) > AGREES


def finite(value: float) -> float | None:
    """For JSON, which has no infinity."""
    return value if np.isfinite(value) else None
