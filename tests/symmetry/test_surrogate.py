"""The left-out error is what leaving each row out in turn gives, and falls when columns are merged that belong together."""

import numpy as np
import pytest

from vgp.symmetry.surrogate import left_out_errors, left_out_errors_of, polynomial

RNG = np.random.default_rng(1)
COLUMNS = RNG.uniform(0.5, 3, (200, 3))
TARGET = np.sin(COLUMNS[:, 0] - COLUMNS[:, 1]) * COLUMNS[:, 2] + RNG.normal(0, 0.05, 200)


def twin(basis, target):
    """Fits anew without each row."""
    errors = []
    for i in range(len(target)):
        kept = np.arange(len(target)) != i
        solution = np.linalg.lstsq(basis[kept], target[kept], rcond=None)[0]
        errors.append((target[i] - basis[i] @ solution) ** 2)
    return np.mean(errors)


@pytest.mark.parametrize("d", [0, 1, 2])
def test_against_leaving_out_each_row(d):
    basis, ends = polynomial(COLUMNS[:, :d])
    least = min(twin(basis[:, :end], TARGET) for end in ends)
    assert left_out_errors_of(COLUMNS[:, :d], TARGET[:, None])[0] == pytest.approx(least, rel=1e-6)


def test_a_factor_multiplies_the_polynomial():
    factor = COLUMNS[:, 2]
    basis, ends = polynomial(COLUMNS[:, :1])
    (error,) = left_out_errors(COLUMNS[:, :1], factor[:, None], TARGET)
    assert error == pytest.approx(min(twin(factor[:, None] * basis[:, :end], TARGET) for end in ends), rel=1e-6)


@pytest.mark.parametrize("d", range(1, 13))
def test_terms_are_few_for_the_rows(d):
    for rows in (40, 200, 1000):
        basis, ends = polynomial(RNG.uniform(0, 1, (rows, d)))
        assert basis.shape[1] == ends[-1] <= max(rows // 4, d + 1)


def test_merging_what_belongs_together_lowers_it_and_what_does_not_raises_it():
    def error(*columns):
        return left_out_errors_of(np.stack(columns, 1), TARGET[:, None])[0]

    a, b, c = COLUMNS.T
    assert error(a - b, c) < error(a, b, c) < min(error(a + b, c), error(a / b, c), error(a - c, b))


def test_columns_that_say_the_same_and_constant_ones_do_no_harm():
    same = np.column_stack([COLUMNS[:, 0], COLUMNS[:, 0], np.ones(200)])
    assert left_out_errors_of(same, TARGET[:, None])[0] == pytest.approx(
        left_out_errors_of(same[:, :1], TARGET[:, None])[0], rel=0.5
    )
