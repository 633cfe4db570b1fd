"""Simplification for display: never another value, never a longer formula, and the well-known cases look as expected."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.formats.error_bounds import bounded_values
from tests.formats.strategies import genomes, ids, mild_constant
from tests.formats.twin import edge_table, values
from vgp.algebra import scaled, simplify
from vgp.errors import GenomeError
from vgp.export import to_text
from vgp.formula import parse
from vgp.genome import error_of
from vgp.layout import MAX_DEPTH, REFERENCE

NAMES = ["a", "x", "y"]
ORDINARY = np.random.default_rng(1).normal(0, 3, (5, 100))


@given(genomes(mild_constant))
@settings(max_examples=400)
def test_the_value_stays_the_same_up_to_rounding(genome):
    got, got_bound = bounded_values(simplify(genome), ORDINARY)
    want, bound = bounded_values(genome, ORDINARY)
    both = np.isfinite(got) & np.isfinite(want)
    certain = np.isfinite(bound) & np.isfinite(got_bound)
    with np.errstate(invalid="ignore"):
        assert (np.abs(got - want) <= bound + got_bound)[both & certain].all(), (to_text(genome), to_text(simplify(genome)))
        assert (both | ~certain | (np.isnan(got) == np.isnan(want))).all()


@given(genomes(mild_constant, callees=ids))
def test_the_result_is_a_valid_genome_and_simple_already(genome):
    simple = simplify(genome)
    assert error_of(simple) == "none"
    assert len(simple) <= len(genome)
    assert simplify(simple).tolist() == simple.tolist()
    assert (simple["op"] == REFERENCE).sum() <= (genome["op"] == REFERENCE).sum()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_undefined_stays_undefined(seed):
    """0*x, x - x and x/x are not simplified: at infinity, or at 0, they are not what they look like."""
    table = edge_table(5, seed)
    for formula in ("0*x0", "x0 - x0", "x0/x0", "x0^0", "x0*(1/x0)", "log(-1) + x0", "sqrt(x0)^2", "exp(log(x0))"):
        genome = parse(formula)
        np.testing.assert_array_equal(values(simplify(genome), table), values(genome, table))


@pytest.mark.parametrize(
    ("formula", "simple"),
    [
        ("2*a*3", "6*a"),
        ("2*(3*a)*(4*x)", "24*a*x"),
        ("a*1 + 0", "a"),
        ("a/1 - 0", "a"),
        ("-(-a)", "a"),
        ("a - (-x)", "a + x"),
        ("a + (-2)", "a - 2"),
        ("-(a - x)", "x - a"),
        ("-a*(-x)", "a*x"),
        ("a*a", "a^2"),
        ("a*a*a", "a^3"),
        ("(-a)^2", "a^2"),
        ("abs(abs(-a))", "abs(a)"),
        ("2 + a + 3", "a + 5"),
        ("5 - (2 - a)", "a + 3"),
        ("1 + 2*(a + 3)", "2*a + 7"),
        ("1 + (-2)*(3 - a)", "2*a - 5"),
        ("3 + -2*a", "3 - 2*a"),
        ("-a - 1", "-1 - a"),
        ("-2*a + 3*x", "3*x - 2*a"),
        ("2*a/(4*x)", "0.5*a/x"),
        ("a/3", "a/3"),
        ("2/(4*a)", "0.5/a"),
        ("2*sqrt(16) + exp(0)", "9"),
        ("if(1 > 0, a, x)", "a"),
        ("if(a, x, x)", "x"),
        ("max(a, a)", "a"),
        ("1e200*(1e200*a)", "1e+200*1e+200*a"),
    ],
)
def test_formulas_get_the_form_that_a_person_would_write(formula, simple):
    assert to_text(parse(formula, NAMES), NAMES, digits=12) == simple


def test_slope_and_intercept_go_into_the_formula():
    genome = parse("a*sqrt(a)*2 + 1", NAMES)
    assert to_text(genome, NAMES, slope=0.5, intercept=-0.5, digits=5) == "a*sqrt(a)"
    assert to_text(genome, NAMES, slope=2.0, intercept=1.0, digits=5) == "4*a*sqrt(a) + 3"


def test_scaling_leaves_out_what_does_nothing():
    genome = parse("a", NAMES)
    assert to_text(scaled(genome, 1.0, 0.0), NAMES) == "a"
    assert to_text(scaled(genome, 2.0, 0.0), NAMES) == "2*a"
    assert to_text(scaled(genome, 1.0, 3.0), NAMES) == "3 + a"
    assert to_text(scaled(genome, 0.0, 3.0), NAMES) == "3"
    with pytest.raises(GenomeError, match="finite"):
        scaled(genome, float("inf"), 0.0)


def test_the_deepest_genome_is_simplified_or_left_alone():
    deepest = parse("sin(" * (MAX_DEPTH - 2) + "-x0" + ")" * (MAX_DEPTH - 2))
    assert error_of(simplify(deepest)) == "none"
    factors = parse("x0*(" * (MAX_DEPTH - 2) + "2*x1" + ")" * (MAX_DEPTH - 2))
    assert error_of(simplify(factors)) == "none"
