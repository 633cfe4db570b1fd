"""What a worker tells comes through whole, and whatever else somebody sends is read without an exception and without surprises."""

import dataclasses
import json
import math
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.strategies import JSON
from vmesh.admin.protocol import plain
from vmesh.figures.record import LIMIT, MOST_TEXT, Figures, FrontRow, Histogram, Line, read

COUNTS = st.integers(0, LIMIT - 1)
NUMBERS = st.floats(-1e300, 1e300)
TEXTS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=20)
FULL = Figures(
    **{
        one.name: value
        for one in dataclasses.fields(Figures)
        if (value := {"int": 3, "float": 0.5, "str": "text", "Mapping[str, int]": {"cause": 2}}.get(str(one.type))) is not None
    },
    age=Histogram((0.0, 1.0), (4, 5)), size=Histogram((1.0,), (6,)), energy=Histogram((0.5, 1.5), (7, 0)),
    neighbours=(("host/1", 8, 9),), front=(FrontRow(3, 0.25, None, "2 * x", "<math/>", True, "0a", 1),),
    lines=(Line(1, 2.0, "INFO", "said"),),
)  # fmt: skip


def sent(figures):
    """As it comes from the wire."""
    return json.loads(json.dumps(plain(figures), allow_nan=False))


def values(kind):
    """What a field of that type may hold."""
    if kind is int:
        return COUNTS
    if kind is float:
        return NUMBERS
    if kind is str:
        return TEXTS
    if kind is Histogram:
        pairs = st.lists(st.tuples(NUMBERS, COUNTS), max_size=10)
        return pairs.map(lambda rows: Histogram(tuple(edge for edge, _ in rows), tuple(count for _, count in rows)))
    if typing.get_origin(kind) is not tuple and typing.get_args(kind) and typing.get_args(kind)[-1] is int:
        return st.dictionaries(TEXTS, COUNTS, max_size=5)
    return None


KINDS = typing.get_type_hints(Figures)
RECORDS = st.builds(Figures, **{name: made for name, kind in KINDS.items() if (made := values(kind)) is not None})


def test_the_full_record_has_no_default():
    """Or the next test would not see a field that is dropped."""
    empty = Figures()
    assert [one.name for one in dataclasses.fields(Figures) if getattr(FULL, one.name) == getattr(empty, one.name)] == []


def test_nothing_that_is_told_is_lost():
    assert read(sent(FULL)) == FULL


@given(RECORDS)
def test_every_record_comes_back_as_it_was(figures):
    assert sent(read(sent(figures))) == sent(figures)


def test_what_is_not_known_stays_unknown():
    found = read(sent(Figures(name="host/0")))
    assert math.isnan(found.best_loss) and math.isnan(found.checkpoint_age) and found.front is None


def test_a_front_that_was_not_sent_is_that_of_before():
    assert read({"name": "host/0"}, FULL).front == FULL.front
    assert read({"name": "host/0", "front": []}, FULL).front == ()


@given(JSON)
def test_any_answer_is_read(answer):
    found = read(answer)
    assert found is None or isinstance(found, Figures)


@given(st.dictionaries(st.sampled_from(sorted(KINDS)), JSON))
def test_any_value_in_any_field_is_read_or_left_out(answer):
    found = read({**answer, "name": "host/0"})
    for name, kind in KINDS.items():
        value = getattr(found, name)
        if kind is int:
            assert 0 <= value < LIMIT
        if kind is str:
            assert len(value) <= 4 * MOST_TEXT and (value == "" or value.isprintable())
    json.dumps(plain(found), allow_nan=False)


@pytest.mark.parametrize("huge", [10**400, -(10**400), 1e308, LIMIT])
def test_numbers_without_bounds_are_left_out(huge):
    found = read({"name": "host/0", "tick": huge, "deaths": {"a": huge}, "size": {"edges": [huge], "counts": [1]}})
    assert found.tick == 0 and found.deaths == {}
    assert found.size in (Histogram(), Histogram((float(LIMIT),), (1,)))
