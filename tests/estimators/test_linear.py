"""Linear formulas to start from are the least squares of their columns."""

import numpy as np
import pytest

from vgp import Dataset, Parameters
from vgp.estimators.linear import linear_formulas
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.model import Model, values_of


def dataset(rows=200, **more):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 4))
    return Dataset.from_arrays(X, 5 * X[:, 2] - 2 * X[:, 0] + 0.1 * rng.normal(size=rows), **more)


def values(formula, data):
    nodes = parse(formula, data.names)
    entry = FrontEntry(len(nodes), 0.0, 0.0, nodes, 1.0, 0.0, 0, data.names)
    model = Model(data.names, data.target, (entry,), 0)
    return values_of(model, dict(zip(data.names, data.X.T, strict=True)), entry, sandbox="off")


@pytest.mark.parametrize("weighted", [False, True])
def test_they_are_the_least_squares_of_their_columns(weighted):
    weights = np.random.default_rng(1).uniform(0, 2, 200) if weighted else None
    data = dataset(weights=weights)
    formulas = linear_formulas(data, Parameters(max_size=9))
    assert [len(parse(formula, data.names)) for formula in formulas] == [1, 5, 9]
    root = np.sqrt(np.ones(200) if weights is None else weights)
    columns = np.column_stack([data.X[:, [2, 0]], np.ones(200)])
    best = columns @ np.linalg.lstsq(columns * root[:, None], data.y * root, rcond=None)[0]
    line = np.column_stack([values(formulas[1], data), np.ones(200)])
    mine = line @ np.linalg.lstsq(line * root[:, None], data.y * root, rcond=None)[0]
    assert np.allclose(mine, best)


def test_there_are_none_where_they_could_not_live():
    assert linear_formulas(dataset(units={"x0": "kg"}), Parameters()) == []
    assert linear_formulas(dataset(), Parameters(constraints="no add in add")) == []
    assert linear_formulas(dataset(), Parameters(functions=("mul", "sin"))) == []


def test_columns_that_say_the_same_are_taken_once():
    X = np.random.default_rng(0).normal(size=(50, 1))
    twice = Dataset.from_arrays(np.column_stack([X, 2 * X, np.ones(50)]), X[:, 0] * 3)
    assert linear_formulas(twice, Parameters()) == ["x0"]
