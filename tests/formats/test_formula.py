"""Formulas that users type: what they mean, and where they are wrong."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.formats.strategies import NAMES, genomes, ids
from tests.formats.twin import values
from vgp.errors import FormulaError, InputError
from vgp.export import to_text
from vgp.formula import parse
from vgp.layout import MAX_NODES

COLUMNS = ["a", "x", "y"]
TABLE = np.array([[2.0, 3.0, 5.0], [-1.0, 0.25, 4.0], [7.0, -6.0, 0.5]])
A, X, Y = TABLE


@given(genomes(callees=ids))
def test_printed_formulas_read_back_as_the_same_genome(genome):
    assert parse(to_text(genome, NAMES), NAMES).tolist() == genome.tolist()
    assert parse(to_text(genome)).tolist() == genome.tolist()


@pytest.mark.parametrize(
    ("formula", "meaning"),
    [
        ("2.5*a*sqrt(a) + if(x > 0, 1, y)", 2.5 * A * np.sqrt(A) + np.where(X > 0, 1, Y)),
        ("a - x - y", A - X - Y),
        ("a/x/y", A / X / Y),
        ("a ** 2 ^ 3", A**8),
        ("-x^2", -(X**2)),
        ("-2^a", -(2**A)),
        ("(-2)^a", (-2.0) ** A),
        ("a^-2", A**-2.0),
        ("a^-x*y", A ** (-X) * Y),
        ("a*-x", -A * X),
        ("a--x", A + X),
        ("+a - +x", A - X),
        ("1 - 2 < x", (X > -1) * 1.0),
        ("(a < x) < y", ((A < X) < Y) * 1.0),
        ("(a >= x)*(x<=y)", (A >= X) * (X <= Y) * 1.0),
        ("ln(a) + log(a)", 2 * np.log(A)),
        ("2*pi*a", 2 * math.pi * A),
        (".5e1*a + 1.e-1", 5 * A + 0.1),
        ("max(min(a, x), aq(y, a))", np.maximum(np.minimum(A, X), Y / np.sqrt(1 + A**2))),
        ("  a\n + x  ", A + X),
    ],
)
def test_formulas_mean_what_mathematics_says(formula, meaning):
    np.testing.assert_allclose(values(parse(formula, COLUMNS), TABLE), meaning, rtol=1e-15)


@pytest.mark.parametrize(
    ("formula", "position", "what"),
    [
        ("", 1, "missing before the end"),
        ("a +", 4, "missing before the end"),
        ("a +* x", 4, 'missing before "*"'),
        ("()", 2, 'missing before ")"'),
        ("sin()", 5, 'missing before ")"'),
        ("a x", 3, 'an operator is missing before "x"'),
        ("2a", 2, 'an operator is missing before "a"'),
        ("a (x)", 1, "there is no function a"),
        ("(a", 1, "not closed"),
        ("sin(a, (x", 8, "not closed"),
        ("if(a, x", 1, "the parenthesis of if is not closed"),
        ("a)", 2, "closes nothing"),
        ("a, x", 2, "comma"),
        ("(a, x)", 3, "comma"),
        ("sin(a, x)", 9, "sin takes 1 operand, not 2"),
        ("max(a)", 6, "max takes 2 operands, not 1"),
        ("sine(a)", 1, "did you mean sin?"),
        ("a + xx", 5, "there is no column xx; did you mean x?"),
        ("q", 1, "columns are a, x, y"),
        ("a < x < y", 7, "do not chain"),
        ("a + 1e999", 5, "too large"),
        ("a $ x", 3, "unexpected '$'"),
        ("a + `x", 5, "backquote"),
        ("@0", 1, "0 is no organism's id"),
        ("@1(a, a, a, a)", 14, "takes 3 operands, not 4"),
    ],
)
def test_a_mistake_is_named_with_its_position(formula, position, what):
    with pytest.raises(FormulaError) as caught:
        parse(formula, COLUMNS)
    assert f"position {position}:" in str(caught.value)
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_win_over_pi_and_functions_can_be_columns():
    assert values(parse("pi + `sin`*sin(pi)", ["pi", "sin"]), np.array([[0.5], [4.0]]))[0] == 0.5 + 4.0 * np.sin(0.5)


def test_backquotes_in_names_are_doubled():
    genome = parse("`b``c` + `odd name`", NAMES)
    assert to_text(genome, NAMES) == "`b``c` + `odd name`"


def test_without_names_columns_are_numbered():
    assert parse("x0 + x65535")["payload"].tolist() == [0, 65535, 0]
    for wrong in ("y", "x01", "x65536", "x٣"):
        with pytest.raises(FormulaError, match="there is no column"):
            parse(wrong)


def test_deep_and_long_formulas_are_refused_without_exhausting_python():
    assert len(parse("(" * 20000 + "x0" + ")" * 20000)) == 1
    with pytest.raises(FormulaError, match="too_deep"):
        parse("sin(" * 300 + "x0" + ")" * 300)
    with pytest.raises(FormulaError, match=f"more than the limit of {MAX_NODES}"):
        parse("+".join(["x0"] * 3000))
    with pytest.raises(FormulaError, match="5 nodes are more than the limit of 4"):
        parse("x0 + x1*x2", max_nodes=4)


def test_names_too_few_for_a_genome_are_noticed():
    with pytest.raises(InputError, match="names for 1 columns"):
        to_text(parse("x0 + x1"), ["only"])


def attempt(text: str):
    """(genome, "") or (None, the error)."""
    try:
        return parse(text, COLUMNS), ""
    except FormulaError as error:
        return None, str(error)


@given(st.text("ax()+-*/^<>=,.`@ 0123456789efinsq\n", max_size=40))
@example("`\n`")
@example("0`\n`")
def test_any_text_gives_a_genome_or_a_formula_error(text):
    genome, error = attempt(text)
    if genome is None:
        assert "\n" not in error
    else:
        assert parse(to_text(genome, COLUMNS), COLUMNS).tolist() == genome.tolist()
