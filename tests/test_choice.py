"""Which formula is recommended: the law, not the constant before it and not the fit to noise behind it."""

import math
from dataclasses import dataclass

import pytest

from vgp.choice import choose


@dataclass
class Entry:
    size: int
    loss: float
    r2: float


def front(*rows):
    return [Entry(size, 1 - r2, r2) for size, r2 in rows]


def test_the_steepest_drop_wins():
    entries = front((1, 0.5), (4, 0.9), (6, 0.999), (20, 0.9991))
    assert choose(entries) == 2


def test_formulas_that_are_much_less_accurate_are_no_candidates():
    entries = front((1, 0.9), (10, 0.95), (20, 0.97))
    assert choose(entries) == 2


def test_fits_of_rounding_do_not_hide_a_law():
    # what a run on the planets leaves: Kepler's law at size 4, and noise fitted ever better behind it
    entries = front((1, 0.976), (2, 0.988), (4, 1 - 2.4e-8), (8, 1 - 1.2e-8), (17, 1 - 5e-11), (30, 1 - 1e-12))
    assert choose(entries) == 2


def test_a_law_of_one_node_is_found_first():
    assert choose(front((1, 1.0))) == 0
    assert choose(front((1, 1 - 1e-9), (5, 1 - 1e-12))) == 0


def test_losses_without_r2_are_compared_with_the_smallest_formula():
    entries = [Entry(1, 0.69, math.nan), Entry(3, 0.1, math.nan), Entry(9, 0.09, math.nan)]
    assert choose(entries) == 1


def test_worse_than_a_constant_is_still_something():
    assert choose(front((1, -3.0))) == 0


def test_an_empty_front_has_none():
    with pytest.raises(ValueError, match="empty"):
        choose([])
