"""Formulas as JSON: what is written reads back, and whatever else is read is refused in one line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.exported import DEEPEST, HOSTILE
from tests.formats.strategies import NAMES, genomes
from vgp.errors import FormulaError
from vgp.export import from_json, to_json
from vgp.formula import parse
from vgp.genome import validate
from vgp.layout import MAX_NODES


def wrapped(formula):
    return json.dumps({"format": "vgp formula", "version": 1, "formula": formula})


@given(genomes())
def test_what_is_written_reads_back_as_the_same_genome(genome):
    text = to_json(genome, NAMES)
    assert text.isascii() and "\n" not in text
    assert from_json(text).tolist() == from_json(text.encode(), NAMES).tolist() == genome.tolist()


def test_the_tree_is_as_documented():
    assert json.loads(to_json(parse("2.5*mass + 1", ["mass"]), ["mass"]))["formula"] == {
        "function": "add",
        "operands": [
            {"function": "mul", "operands": [{"constant": 2.5}, {"column": 0, "name": "mass"}]},
            {"constant": 1.0},
        ],
    }


def test_slope_and_intercept_are_part_of_it():
    assert from_json(to_json(parse("x0"), slope=2.0, intercept=1.0)).tolist() == parse("1 + (2*x0)").tolist()


def test_columns_are_found_by_name_in_another_table():
    text = to_json(parse("x0 - x1"), ["a", "b"])
    assert from_json(text, ["b", "c", "a"]).tolist() == parse("x2 - x0").tolist()
    with pytest.raises(FormulaError, match="needs column 'a'"):
        from_json(text, ["b"])


@pytest.mark.parametrize("shape", DEEPEST.values(), ids=DEEPEST)
def test_the_deepest_genomes_read_back(shape):
    assert from_json(to_json(parse(shape))).tolist() == parse(shape).tolist()


def test_hostile_column_names_read_back():
    genome = parse(" + ".join(f"x{i}" for i in range(len(HOSTILE))))
    assert from_json(to_json(genome, HOSTILE), HOSTILE).tolist() == genome.tolist()


X = {"column": 0}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("9" * 10_000, "no JSON"),
        (" " * (1 << 23), "too long"),
        ("[]", "has no"),
        ('{"format": "vgp formula"}', "another version"),
        ('{"format": "vgp formula", "version": true}', "another version"),
        (wrapped(None), "holds None"),
        (wrapped([X]), "holds a list"),
        (wrapped({}), "nothing in it"),
        (wrapped({"constant": "1"}), "no number"),
        (wrapped({"constant": True}), "no number"),
        (wrapped({"constant": float("nan")}), "cannot be used"),
        (wrapped({"constant": 10**400}), "too large"),
        (wrapped({"constant": 1, "column": 1}), "an object with 'constant', 'column'"),
        (wrapped({"column": -1}), "no number of a column"),
        (wrapped({"column": 65536}), "no number of a column"),
        (wrapped({"column": True}), "no number of a column"),
        (wrapped({"function": "sine", "operands": [X]}), "known function"),
        (wrapped({"function": "reference", "operands": [X]}), "known function"),
        (wrapped({"function": ["sin"], "operands": [X]}), "known function"),
        (wrapped({"function": "sin", "operands": [X, X]}), "gives sin 2 operands, it takes 1"),
        (wrapped({"function": "sin", "operands": "x"}), "known function"),
        (wrapped({"function": "sin", "operands": [X], "more\n": 1}), "known function"),
    ],
)
def test_a_mistake_is_named_in_one_line(text, what):
    with pytest.raises(FormulaError, match=what) as caught:
        from_json(text)
    assert "\n" not in str(caught.value)


def nested(levels):
    tree = X
    for _ in range(levels):
        tree = {"function": "neg", "operands": [tree]}
    return wrapped(tree)


def wide(levels):
    tree = X
    for _ in range(levels):
        tree = {"function": "add", "operands": [tree, tree]}
    return wrapped(tree)


@pytest.mark.parametrize(("text", "what"), [(nested(256), "too_deep"), (wide(13), f"more than {MAX_NODES} nodes")])
def test_too_deep_and_too_long_ones_are_refused(text, what):
    with pytest.raises(FormulaError, match=what):
        from_json(text)


def attempt(text):
    """(genome, "") or (None, the error)."""
    try:
        return from_json(text), ""
    except FormulaError as error:
        return None, str(error)


leaves = st.one_of(
    *(st.none(), st.booleans(), st.integers(-5, 70000), st.floats(), st.text(max_size=5), st.just({"column": 1})),
    st.fixed_dictionaries({"constant": st.floats(allow_nan=False)}),
    st.fixed_dictionaries({"column": st.integers(-1, 9), "name": st.text(max_size=3)}),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"function": st.sampled_from(["sin", "add", "if", "no"]), "operands": st.lists(inner, max_size=3)}),
        *(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["function", "operands", "constant"]), inner, max_size=3)),
    ),
)


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60), trees.map(wrapped), trees.map(json.dumps)))
def test_anything_gives_a_genome_or_an_error(text):
    genome, error = attempt(text)
    if genome is None:
        assert error and "\n" not in error
    else:
        validate(genome)
        assert from_json(to_json(genome)).tolist() == genome.tolist()


@given(genomes(), st.data())
def test_damage_gives_a_genome_or_an_error(genome, data):
    text = bytearray(to_json(genome, NAMES).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    back, error = attempt(bytes(text))
    assert (back is None) == bool(error)
