"""Formulas as text, in three arithmetics."""

import math

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from vgp.benchmarks.quality.digits import column_values, real_values
from vgp.benchmarks.quality.expression import ARITIES, parse
from vgp.benchmarks.quality.symbolic import symbols_for, to_sympy
from vgp.errors import InputError

X = np.array([[0.3, 0.7], [0.9, 0.2], [0.5, 0.5]])


@st.composite
def formulas(draw, depth=3):
    """Texts over x0 and x1."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["x0", "x1", "2", "0.5", "1.25", "(-3)"]))
    name = draw(st.sampled_from(["+", "-", "*", "/", "**2", "sqrt", "exp", "log", "sin", "cos", "tanh", "abs", "min", "max", "-u"]))
    a, b = draw(formulas(depth=depth - 1)), draw(formulas(depth=depth - 1))
    if name in "+-*/":
        return f"({a}{name}{b})"
    if name in ("min", "max"):
        return f"{name}({a},{b})"
    return {"**2": f"({a})**2", "exp": f"exp(sin({a}))", "-u": f"(-{a})"}.get(name, f"{name}({a})")


PYTHON = {"pi": np.pi, "min": np.minimum, "max": np.maximum, "abs": np.abs} | {
    name: getattr(np, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tanh")
}


@given(formulas())
def test_values_are_those_of_the_same_text_in_python(text):
    with np.errstate(all="ignore"):
        expected = eval(text, PYTHON, {"x0": X[:, 0], "x1": X[:, 1], "__builtins__": {}}) if "/" not in text else None
    if expected is None:
        return
    np.testing.assert_allclose(parse(text).on(X), np.broadcast_to(expected, 3), rtol=1e-12)


@given(formulas())
def test_many_digits_and_symbols_agree_with_float64(text):
    formula = parse(text)
    values = formula.on(X)
    many = real_values(formula, column_values(X), None)
    if many is None:
        assert not np.isfinite(values).all() or np.abs(values).max() > 1e100
        return
    with np.errstate(all="ignore"):
        np.testing.assert_allclose([float(value) for value in many], values, rtol=1e-6, atol=1e-9)
    if not formula.size > 12:
        symbols = symbols_for(["x0", "x1"], [0.1, 0.1])
        point = dict(zip(symbols, (sympy.Float(v) for v in X[0]), strict=True))
        assert complex(sympy.N(to_sympy(formula, symbols).subs(point))).real == pytest.approx(values[0], rel=1e-6, abs=1e-6)


def test_constants_stand_in_and_whole_exponents_do_not_count():
    formula = parse("2.5*x0**2 + x1**0.5 - 3")
    assert formula.values().tolist() == [2.5, 0.5, 3.0]
    np.testing.assert_allclose(formula.on(X, np.array([1.0, 1.0, 0.0])), X[:, 0] ** 2 + X[:, 1])


def test_numbers_are_as_written_in_many_digits():
    with mpmath.workdps(50):
        assert real_values(parse("0.1*10 - 1"), [[mpmath.mpf(0)]], None) == [0]


def test_pi():
    assert parse("pi*x0").on(X)[0] == math.pi * 0.3 and parse("pi*x0").values().size == 0
    with mpmath.workdps(50):
        assert abs(real_values(parse("sin(pi)"), [[]], None)[0]) < mpmath.mpf("1e-49")
    assert parse("pi", ["pi"]).on(X)[0] == 0.3, "unless a column bears the name"


def test_minus_binds_as_in_python():
    assert parse("-2**2").on(X)[0] == -4 and parse("(-2)**2").on(X)[0] == 4 and parse("2**-1").on(X)[0] == 0.5
    assert parse("where(x0-0.4, 1, 2)").on(X).tolist() == [2, 1, 1]
    assert parse("v - u", ["u", "v"]).on(X)[0] == pytest.approx(0.4)


def test_depth_nests_no_calls():
    assert parse("+".join(["x0"] * 400)).size == 799


@pytest.mark.parametrize(
    "text", ["", "x0 +", "foo(x0)", "sin(x0, x1)", "y", "x0 if x1 else 2", "__import__('os')", "x0.real", "1j", "'a'"]
)
def test_what_is_no_formula(text):
    with pytest.raises(InputError, match="formula"):
        parse(text)


@given(st.text(alphabet="x01y.e+-*/() ,sqrtinpa", max_size=40) | st.text(max_size=20) | st.integers().map(lambda n: f"x0+1e{n}"))
def test_any_text_is_a_formula_or_an_input_error(text):
    try:
        formula = parse(text)
    except InputError:
        return
    assert formula.size >= 1


def test_numbers_beyond_float64_are_refused():
    for text in ("1" * 400, "x0*1e999", "x0" + "+x0" * 100_000):
        with pytest.raises(InputError, match="formula"):
            parse(text)


def test_every_function_is_known_in_every_arithmetic():
    from vgp.benchmarks.quality.digits import MANY
    from vgp.benchmarks.quality.expression import FLOAT64
    from vgp.benchmarks.quality.symbolic import SYMBOLS

    for operations in (FLOAT64, MANY, SYMBOLS):
        assert set(operations) == set(ARITIES)
    assert math.isnan(parse("log(x0-1)").on(X)[0])
