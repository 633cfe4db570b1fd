"""Problems, choosing some of them, and their rows."""

import numpy as np
import pytest

from vgp.benchmarks.quality.problems import all_problems, choose
from vgp.benchmarks.quality.sampling import TEST_ROWS, TRAINING_ROWS, rows_of, wider_rows
from vgp.errors import InputError

PROBLEMS = all_problems()


def test_there_are_the_66_formulas_and_the_ten_classics():
    assert len(choose(["formulas"], PROBLEMS)) == 66
    assert len(choose(["classics"], PROBLEMS)) == 10
    assert all(problem.source for problem in PROBLEMS.values())


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_law_has_a_value_on_every_row_and_uses_only_its_columns(name):
    problem = PROBLEMS[name]
    rows = rows_of(problem, 1)
    assert rows.X.shape == (TRAINING_ROWS, len(problem.variables)) and rows.X_test.shape == (TEST_ROWS, len(problem.variables))
    for X, y in ((rows.X, rows.y), (rows.X_test, rows.y_test)):
        assert np.isfinite(y).all() and np.ptp(y) > 0
        assert (problem.lows <= X).all() and (problem.highs >= X).all()
        assert np.array_equal(problem.law.on(X), y)


def test_rows_depend_on_problem_and_seed_alone():
    problem = PROBLEMS["nguyen_9"]
    first, again, other = rows_of(problem, 1), rows_of(problem, 1), rows_of(problem, 2)
    assert np.array_equal(first.X, again.X) and np.array_equal(first.y_test, again.y_test)
    assert not np.array_equal(first.X, other.X)
    assert not np.array_equal(first.X, rows_of(PROBLEMS["nguyen_12"], 1).X), "another problem, other rows"
    assert first.X[0, 0] == pytest.approx(KNOWN), "the rows of earlier results"


KNOWN = 0.7171494565908265


def test_noise_is_on_the_training_target_alone_and_as_large_as_the_rule_says():
    problem = PROBLEMS["feynman_I_12_1"]
    clean, noisy, more = rows_of(problem, 3), rows_of(problem, 3, 0.01), rows_of(problem, 3, 0.1)
    assert np.array_equal(clean.X, noisy.X) and np.array_equal(clean.y_test, noisy.y_test)
    noise = noisy.y - clean.y
    assert np.std(noise) == pytest.approx(0.01 * np.sqrt(np.mean(clean.y**2)), rel=0.1)
    np.testing.assert_allclose(more.y - clean.y, 10 * noise, rtol=1e-6, atol=1e-9)


def test_wider_ranges_are_half_as_wide_again():
    problem = PROBLEMS["feynman_I_12_1"]  # both columns from 1 to 5
    X, y = wider_rows(problem, 0)
    assert 0 <= X.min() < 0.01 and 5.99 < X.max() <= 6
    assert np.array_equal(y, X[:, 0] * X[:, 1])
    beyond_light, values = wider_rows(PROBLEMS["feynman_I_48_2"], 0)
    assert np.isnan(values).any() and len(beyond_light) == len(values), "where the law has no value it says so"


def test_choosing():
    assert [p.name for p in choose(["nguyen_7", "nguyen_5"], PROBLEMS)] == ["nguyen_5", "nguyen_7"], "in the table's order"
    assert {p.family for p in choose(["strogatz"], PROBLEMS)} == {"strogatz"}
    assert len(choose(["all"], PROBLEMS)) == len(PROBLEMS)
    assert len(choose(["classics", "feynman_I_9_18"], PROBLEMS)) == 10, "once each"
    with pytest.raises(InputError, match="nguyen_5"):
        choose(["nguyn_5"], PROBLEMS)
