"""MathML is read back and computed with; names are text in it, whatever they hold."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.mathml_reader import SPACE, read_mathml
from tests.formats.test_export import EVERYTHING, TABLE, agree, exact_functions
from tests.formats.twin import values
from vgp.export import to_mathml
from vgp.formula import parse

MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
MINUS = '<mo form="prefix">−</mo>'
LETTERS = ["a", "b", "c", "d", "e"]


@given(exact_functions)
def test_the_formula_reads_back_as_the_formula(genome):
    agree(values(read_mathml(to_mathml(genome, LETTERS), "abcde"), TABLE), genome)


def test_every_function_reads_back():
    genome = parse(EVERYTHING)
    agree(values(read_mathml(to_mathml(genome, LETTERS), "abcde"), TABLE), genome)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("x0 - 2.5", '<msub><mi>x</mi><mn>0</mn></msub><mo form="infix">−</mo><mn>2.5</mn>'),
        ("-2", f"{MINUS}<mn>2</mn>"),
        ("3e-30", f'<mn>3</mn><mo form="infix">×</mo><msup><mn>10</mn><mrow>{MINUS}<mn>30</mn></mrow></msup>'),
        ("sqrt(x1)", "<msqrt><msub><mi>x</mi><mn>1</mn></msub></msqrt>"),
    ],
)
def test_how_it_is_written(formula, shown):
    assert to_mathml(parse(formula)) == f"{MATH}<mrow>{shown}</mrow></math>"


def test_a_sign_behind_an_operator_is_in_parentheses():
    assert "+</mo><mrow><mo form=\"prefix\" stretchy=\"true\">(</mo>" + MINUS in to_mathml(parse("x0 + (-2)*x1"))


def test_the_target_is_on_the_left():
    row = ElementTree.fromstring(to_mathml(parse("x0"), ["a"], target="y_1", slope=2.0))[0]
    assert [element.text for element in row] == ["y_1", "=", "2", "⋅", "a"]


def test_digits_are_rounded_where_asked():
    assert "<mn>0.333</mn>" in to_mathml(parse("x0/3*0.3333333333"), digits=3)


@given(st.text(min_size=1, max_size=12))
def test_any_name_is_text_and_nothing_else(name):
    (row,) = ElementTree.fromstring(to_mathml(parse("x0"), [name], target=name))
    assert {element.tag for element in row.iter()} <= {SPACE + kind for kind in ("mrow", "mi", "mo", "mn", "msub")}
    shown = "".join(character if character.isprintable() else "�" for character in name)
    assert "".join(row.itertext()) == f"{shown}={shown}"
