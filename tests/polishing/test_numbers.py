"""Which numbers stand near a value, and how long they are to tell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.polishing.numbers import free_nats, plain_numbers


@pytest.mark.parametrize(
    ("value", "error", "first"),
    [
        (2.0003, 0.001, 2.0),
        (-0.4999, 0.001, -0.5),
        (0.3331, 0.001, 1 / 3),
        (3.1417, 0.001, math.pi),
        (-1.5709, 0.001, -math.pi / 2),
        (1.4141, 0.001, math.sqrt(2)),
        (0.0002, 0.001, 0.0),
        (0.0, 1e-300, 0.0),
        (8999.7, 1.0, 9000.0),
    ],
)
def test_the_shortest_number_near(value, error, first):
    assert plain_numbers(value, error)[0].value == pytest.approx(first, rel=1e-15)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300))
def test_all_are_near_and_the_shortest_come_first(value, error):
    found = plain_numbers(value, error)
    assert all(abs(plain.value - value) <= error for plain in found)
    assert [plain.nats for plain in found] == sorted(plain.nats for plain in found)


def test_numbers_that_nobody_writes_are_not_among_them():
    assert plain_numbers(0.7310585, 1e-6) == []
    assert plain_numbers(123456.0, 1e-9) == []


def test_what_is_known_better_takes_more_words():
    assert free_nats(2.0, 1e-9, 100) > free_nats(2.0, 1e-3, 100) > free_nats(2.0, 1.0, 100) > 0
    assert free_nats(2.0, math.inf, 100) == pytest.approx(0.5 * math.log(100))
