"""Which formula is recommended: the law, not the constant before it and not the fit to noise behind it."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from vgp.choice import choose


@dataclass
class Entry:
    size: int
    loss: float
    r2: float
    constants: int = 0


def front(*rows):
    return [Entry(size, 1 - r2, r2) for size, r2 in rows]


def test_fits_of_rounding_do_not_hide_a_law():
    # what a run on the planets leaves: Kepler's law at size 4, and noise fitted ever better behind it
    entries = front((1, 0.976), (2, 0.988), (4, 1 - 2.4e-8), (8, 1 - 1.2e-8), (17, 1 - 5e-11), (30, 1 - 1e-12))
    assert choose(entries, 8) == 2


def test_many_rows_are_worth_a_larger_formula_few_are_not():
    entries = front((3, 0.90), (9, 0.92))
    assert choose(entries, 20) == 0
    assert choose(entries, 2000) == 1


@pytest.mark.parametrize("rows", [50, 1000, 100_000])
def test_noise_that_polynomials_fit_does_not_hide_the_line_below_it(rows):
    """Nested least squares: the law is a line, and each further power takes what chance gives it."""
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, rows)
    y = 2 * x + random.normal(0, 0.3, rows)
    entries = []
    for degree in range(7):
        residuals = y - np.polynomial.Polynomial.fit(x, y, degree)(x)
        share = np.var(residuals) / np.var(y)
        entries.append(Entry(1 + 4 * degree, share, 1 - share, degree))
    assert choose(entries, rows) == 1


def test_a_constant_costs_more_than_a_column():
    entries = [Entry(3, 0.1, 0.9, 0), Entry(3, 0.0999, 0.9001, 1)]
    assert choose(entries, 100) == 0


def test_an_exact_law_beats_what_comes_near_it():
    assert choose(front((5, 1 - 1e-4), (9, 1 - 1e-9), (15, 1 - 1e-14)), 1000) == 2


def test_a_law_of_one_node_is_found_first():
    assert choose(front((1, 1.0)), 8) == 0
    assert choose(front((1, 1 - 1e-15), (5, 1.0)), 1000) == 0


@pytest.mark.parametrize("loss", ["logistic", "absolute"])
def test_losses_without_r2_are_code_lengths(loss):
    entries = [Entry(1, 0.69, math.nan), Entry(3, 0.1, math.nan), Entry(9, 0.09, math.nan)]
    assert choose(entries, 100, loss) == 1
    assert choose(entries, 10_000, loss) == 2


def test_worse_than_a_constant_is_still_something():
    assert choose(front((1, -3.0)), 8) == 0


def test_an_empty_front_has_none():
    with pytest.raises(ValueError, match="empty"):
        choose([], 8)


def test_where_predictions_are_sought_many_rows_allow_what_few_do_not():
    gains = front((3, 0.45), (13, 0.52))
    assert choose(gains, 40, seeking="accuracy") == 0
    assert choose(gains, 400, seeking="accuracy") == 1
    assert choose(gains, 400) == 0


def test_more_is_fitted_than_there_are_rows():
    assert choose(front((1, 0.2), (30, 0.99)), 6, seeking="accuracy") == 0
    assert choose(front((30, 0.99)), 6, seeking="accuracy") == 0
