"""Order, copies and weights of rows: none of them may change what a fit sees, beyond what it weighs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vgp.estimators.rows import canonical

FEW_VALUES = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1e300])
TABLES = arrays.arrays(np.float64, st.tuples(st.integers(1, 12), st.just(3)), elements=FEW_VALUES)


def as_counts(X, y, weights):
    """What a table says: each row and how often it counts. The slow, obvious twin."""
    counted = {}
    for row, value, weight in zip(X, y, np.ones(len(y)) if weights is None else weights, strict=True):
        key = (*(row + 0.0), value + 0.0)
        counted[key] = counted.get(key, 0.0) + weight
    return {key: weight for key, weight in counted.items() if weight > 0}


def normalised(counts):
    total = sum(counts.values())
    return {key: weight / total for key, weight in counts.items()}


@given(TABLES, st.data())
def test_a_table_says_the_same_as_before(table, data):
    weights = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(table), max_size=len(table))), float)
    if not weights.any():
        weights[0] = 1.0
    X, y, rest = canonical(table[:, :2], table[:, 2], weights)
    after, before = normalised(as_counts(X, y, rest)), normalised(as_counts(table[:, :2], table[:, 2], weights))
    assert after.keys() == before.keys()
    assert all(abs(after[key] - before[key]) < 1e-12 for key in after)
    assert len(after) == len(y)  # no row twice


@given(TABLES, st.randoms(use_true_random=False))
def test_neither_order_nor_copies_matter(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    counts = np.array([random.randint(1, 3) for _ in order])
    repeated = np.repeat(table[order], counts[order], axis=0)
    first = canonical(table[:, :2], table[:, 2], counts.astype(float))
    second = canonical(repeated[:, :2], repeated[:, 2], None)
    for one, other in zip(first, second, strict=True):
        assert (one is None and other is None) or np.array_equal(one, other)


def test_rows_that_only_share_a_hash_stay_apart(monkeypatch):
    monkeypatch.setattr("vgp.estimators.rows.row_hashes", lambda columns: np.zeros(len(columns[0]), np.uint64))
    X, _y, weights = canonical(np.array([[1.0], [2.0], [2.0]]), np.array([1.0, 1.0, 1.0]), None)
    assert sorted(zip(X[:, 0], [1, 1] if weights is None else weights, strict=True)) == [(1.0, 1.0), (2.0, 2.0)]
