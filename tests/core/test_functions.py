"""Accuracy of the vector functions over wide ranges, and C's special cases: no instruction set gives a user other formulas."""

import numpy as np
import pytest

from tests.core.tables import batch, datafile, genome
from tests.oracles import evaluation as oracle
from vgp.evaluator import Evaluator

N = 20_000
RNG = np.random.default_rng(5)
WIDE = np.exp(RNG.uniform(-80, 80, N))
FINITE = [0.0, 1, 2, 3, 0.5, 1e30, 1e-30, 7, 100.5, 2**24, 2**24 + 2]
SPECIAL = [*FINITE, *(-x for x in FINITE), np.inf, -np.inf, np.nan]

RANGES = {
    "exp": [RNG.uniform(-87, 88, N), RNG.normal(size=N), RNG.uniform(-1e-6, 1e-6, N)],
    "log": [WIDE, RNG.uniform(0.5, 2, N), 1 + RNG.normal(size=N) * 1e-3],
    "sin": [RNG.uniform(-10, 10, N), RNG.uniform(-(2**20), 2**20, N), np.arange(N) * np.pi, RNG.normal(size=N) * 1e-3],
    "cos": [RNG.uniform(-10, 10, N), RNG.uniform(-(2**20), 2**20, N), (np.arange(N) + 0.5) * np.pi],
    "tan": [RNG.uniform(-10, 10, N), RNG.uniform(-(2**20), 2**20, N), np.arange(N) * np.pi / 2],
    "tanh": [RNG.uniform(-1, 1, N), RNG.uniform(-20, 20, N), RNG.normal(size=N) * 1e-5],
    "sqrt": [WIDE],
}
LIMITS = {"exp": 1.5, "log": 1.5, "sin": 2.5, "cos": 2.5, "tan": 4, "tanh": 2, "sqrt": 0.5, "pow": 2, "aq": 2.5}


def units(values, exact, dtype):
    """Largest distance in units of the last place, where the exact value is a normal number."""
    rounded = exact.astype(dtype)
    normal = np.isfinite(rounded) & (np.abs(rounded) >= np.finfo(dtype).tiny)
    assert np.isfinite(values[normal]).all()
    return np.max(np.abs(values.astype(np.longdouble) - exact)[normal] / np.spacing(np.abs(rounded[normal])))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RANGES)
def test_unary_functions_are_accurate_to_the_last_places(name, dtype, instruction_set):
    for points in RANGES[name]:
        x = points.astype(dtype)
        exact = oracle.NUMPY[name](x.astype(np.longdouble))
        values = Evaluator(datafile([x]), instruction_set=instruction_set).outputs(*batch([genome(f"x0 {name}")]))[0]
        assert units(values, exact, dtype) <= LIMITS[name] + 0.001


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_double_trigonometry_holds_to_the_limit(name, instruction_set):
    x = RNG.uniform(-(2.0**30), 2.0**30, N)
    exact = oracle.NUMPY[name](x.astype(np.longdouble))
    evaluator = Evaluator(datafile([x]), instruction_set=instruction_set)
    assert units(evaluator.outputs(*batch([genome(f"x0 {name}")]))[0], exact, np.float64) <= LIMITS[name]


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_trigonometry_beyond_the_limit_is_nan(name, dtype, instruction_set):
    limit = oracle.TRIGONOMETRY_LIMIT[np.dtype(dtype)]
    x = np.array([limit, -limit, np.nextafter(dtype(limit), dtype(np.inf)), 1e30, -1e30], dtype)
    values = Evaluator(datafile([x]), instruction_set=instruction_set).outputs(*batch([genome(f"x0 {name}")]))[0]
    assert np.isnan(values).tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pow_and_aq_are_accurate(dtype, instruction_set):
    small, large = (80, 40) if dtype == np.float32 else (900, 300)
    pairs = [
        (np.exp(RNG.uniform(-large, large, N)), RNG.uniform(-2, 2, N)),
        (RNG.uniform(0.5, 2, N), RNG.uniform(-small, small, N)),
        (-RNG.uniform(0.1, 9, N), RNG.integers(-20, 20, N)),
    ]
    for pair in pairs:
        a, b = (v.astype(dtype) for v in pair)
        wide_a, wide_b = a.astype(np.longdouble), b.astype(np.longdouble)
        evaluator = Evaluator(datafile([a, b]), instruction_set=instruction_set)
        values = evaluator.outputs(*batch([genome("x0 x1 pow"), genome("x0 x1 aq")]))
        assert units(values[0], wide_a**wide_b, dtype) <= LIMITS["pow"]
        assert units(values[1], wide_a / np.sqrt(1 + wide_b**2), dtype) <= LIMITS["aq"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", oracle.FUNCTIONS)
def test_special_values_are_those_of_c(name, dtype, instruction_set):
    a, b, c = (v.ravel().astype(dtype) for v in np.meshgrid(SPECIAL, SPECIAL, [-1.0, 0.0, 1.0, np.nan]))
    text = {"if": "x2 x0 x1 if"}.get(name, f"x0 x1 {name}" if name in oracle.BINARY else f"x0 {name}")
    program = genome(text)
    values = Evaluator(datafile([a, b, c]), instruction_set=instruction_set).outputs(*batch([program]))[0]
    with np.errstate(all="ignore"):
        exact = oracle.evaluate(program, [a, b, c])
    np.testing.assert_allclose(values, exact, rtol=8 * np.finfo(dtype).eps)
    free = name in ("min", "max")  # of 0 and -0 either may be the smaller
    decided = ~np.isnan(exact) & ((exact != 0) | (not free))
    np.testing.assert_array_equal(np.signbit(values[decided]), np.signbit(exact[decided]))


def test_constant_subtrees_are_what_the_kernels_give(instruction_set):
    """Folding at compile time must not change a bit."""
    x = np.full(16, 1.7, np.float32)
    evaluator = Evaluator(datafile([x]), instruction_set=instruction_set)
    for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sqrt"):
        folded, computed = evaluator.outputs(*batch([genome(f"1.7 {name}"), genome(f"x0 {name}")]))
        np.testing.assert_array_equal(folded, computed)
