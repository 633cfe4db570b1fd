"""The last strokes: a law found up to its constants comes out as it is written in books, and nothing gets worse than it may."""

import itertools
import math

import numpy as np
import pytest

from vgp import Dataset, Island, Parameters
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.genome import genome_id
from vgp.polishing import MOST_ROWS, polished, polished_on

NAMES = ("x", "y")


def table(law, *, noise=0.0, rows=300, seed=1, **more):
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.5, 3, (rows, 2))
    clean = law(*X.T)
    y = clean + rng.normal(0, noise * np.sqrt(np.mean(clean**2)), rows) if noise else clean
    return Dataset.from_arrays(X, y, names=NAMES, **more)


def entry(formula, slope=1.0, intercept=0.0):
    nodes = parse(formula, NAMES)
    return FrontEntry(len(nodes), 1.0, 0.5, nodes, slope, intercept, genome_id(nodes), NAMES)


def polish(dataset, *entries, **parameters):
    return polished(entries, dataset, Parameters(**parameters), sandbox="off")


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
@pytest.mark.parametrize(
    ("law", "found", "written"),
    [
        (lambda x, y: 3 * x - 2 * x * y - x**2, entry("x*(1.48 - y - 0.51*x)", 1.99, 0.02), "2*x*(1.5 - y - 0.5*x)"),
        (lambda x, y: 0.5 * x * y**2, entry("x*(y + 0.003)*y*1.001", 0.499, -0.001), "0.5*x*y^2"),
        (lambda x, y: x * np.sin(2 * y), entry("x*sin(2.01*y)", 1.02, 0.003), "x*sin(2*y)"),
    ],
)
def test_a_law_found_up_to_its_constants_comes_out_as_it_is_written(law, found, written, noise):
    (only,) = polish(table(law, noise=noise, rows=1000), found)
    assert only.formula.replace("y*y", "y^2") == written
    assert set(only.errors) == {0.0}
    if not noise:
        assert only.r2 > 1 - 1e-14


def test_numbers_that_nobody_writes_stay_as_the_data_say_with_their_errors():
    """Held against numpy's least squares."""
    dataset = table(lambda x, y: 0.7317 * x + 1.6181 * y + 0.2719, noise=0.02)
    (only,) = polish(dataset, entry("0.4*x + y", 1.5, 0.3))
    columns = np.column_stack([dataset.X, np.ones(dataset.n_rows)])
    solution, (sse,), *_ = np.linalg.lstsq(columns, dataset.y, rcond=None)
    covariance = sse / (dataset.n_rows - 3) * np.linalg.inv(columns.T @ columns)
    told = {name: (value, error) for name, value, error in only.uncertain}
    assert list(told) == ["intercept", "slope", "c1"]
    for name, k in (("slope", 1), ("intercept", 2)):
        error = math.sqrt(covariance[k, k])
        assert told[name] == (pytest.approx(solution[k], abs=0.02 * error), pytest.approx(error, rel=1e-3))
    assert told["c1"][0] == pytest.approx(solution[0] / solution[1], abs=0.02 * told["c1"][1])


def test_pi_is_recognised_and_parts_without_effect_fall_away():
    dataset = table(lambda x, y: np.sin(np.pi * x) + y)
    (only,) = polish(dataset, entry("sin(3.1416*x) + y*(1 + 1e-9*x) - 1e-10", 1.0000001, 1e-9))
    assert only.size == len(parse("sin(c*x) + y".replace("c", "3"), NAMES))
    assert (only.slope, only.intercept) == (1.0, 0.0)
    assert only.nodes["payload"].view(np.float64)[only.nodes["op"] == parse("3", NAMES)["op"][0]].tolist() == [math.pi]


def test_constants_that_stand_in_for_each_other_become_one():
    (only,) = polish(table(lambda x, y: 6.283 * x * y, noise=0.01), entry("(2.31*x)*(0.77*y)", 3.5))
    assert len(only.uncertain) <= 1
    assert only.size == 3


def test_the_front_is_one_afterwards():
    dataset = table(lambda x, y: 2 * x * y)
    front = polish(dataset, entry("x", 3.0, 0.2), entry("x*y*1.0001", 1.999), entry("x*y + 0.001*sin(x)", 2.001))
    assert [found.size for found in front] == sorted({found.size for found in front})
    assert front.best.formula == "2*x*y"
    assert all(a.loss > b.loss for a, b in itertools.pairwise(front))


@pytest.mark.parametrize("loss", ["absolute", "huber", "logistic"])
def test_other_losses(loss):
    rng = np.random.default_rng(4)
    X = rng.uniform(0.5, 3, (500, 2))
    f = 2 * X[:, 0] - 3 * X[:, 1] + 1
    y = (rng.random(500) < 1 / (1 + np.exp(-f))).astype(float) if loss == "logistic" else f + rng.laplace(0, 0.1, 500)
    dataset = Dataset.from_arrays(X, y, names=NAMES)
    before = entry("x*2.2 - y*2.9", 1.1, 0.8)
    (only,) = polish(dataset, before, loss=loss)
    assert math.isnan(only.r2) and np.isfinite(only.errors).all()
    if loss != "logistic":
        assert only.formula in ("2*x - 3*y + 1", "3*(0.666667*x - y) + 1")


def test_of_many_rows_some_are_looked_at_and_all_are_counted():
    dataset = table(lambda x, y: 0.5 * x + y**2, noise=0.05, rows=2 * MOST_ROWS + 77)
    (only,) = polish(dataset, entry("0.49*x + y*y", 1.01, 0.01))
    assert only.formula.replace("y*y", "y^2") in ("0.5*x + y^2", "x*0.5 + y^2")
    assert only.loss == pytest.approx(float(np.mean((dataset.y - 0.5 * dataset.X[:, 0] - dataset.X[:, 1] ** 2) ** 2)), rel=1e-9)


def test_weights_count():
    dataset = table(lambda x, y: np.where(x > 2, 99.0, 3 * x), weights=None)
    weighted = Dataset.from_arrays(dataset.X, dataset.y, names=NAMES, weights=(dataset.X[:, 0] <= 2).astype(float))
    (only,) = polish(weighted, entry("x", 2.9, 0.1))
    assert only.formula == "3*x" and only.loss < 1e-20


def test_a_formula_that_has_no_value_in_float64_stays():
    dataset = table(lambda x, y: x)
    broken = entry("log(x - 99)")
    assert polish(dataset, broken)[0] is broken


def test_units_hold_afterwards():
    """1.0001 metres is no length any more as 1 without a unit: such a formula stays as it was."""
    dataset = table(lambda x, y: 2 * x / y).with_units({"x": "m", "y": "s"}, "m/s")
    with Island(dataset, Parameters(population_size=200, births_per_tick=100), seed=3, sandbox="off") as island:
        island.create(["x/y"])
        island.advance(5)
        front = polished_on(island, island.front())
        assert all(island.admits(found.nodes) for found in front)
        assert front.best.formula == "2*x/y"
    assert polished(tuple(front), dataset, Parameters())[:] == tuple(front)  # nobody there to ask: nothing is touched


def test_a_loss_in_python_leaves_everything_as_it_is():
    dataset = table(lambda x, y: 2 * x * y)
    parameters = Parameters(population_size=50, births_per_tick=20)
    with Island(dataset, parameters, sandbox="off", loss_function=lambda f, y: np.abs(f - y).mean(axis=1)) as island:
        island.create()
        front = island.front()
        assert tuple(polished_on(island, front)) == tuple(front)


def test_the_same_front_is_polished_alike_in_the_sandbox():
    dataset = table(lambda x, y: 0.37 * x * np.exp(0.5 * y), noise=0.03)
    front = [entry("x*exp(0.45*y)", 0.4, 0.1), entry("x*exp(0.49*y) + 0.01*y", 0.36, 0.01)]
    inside, outside = (polished(front, dataset, Parameters(), sandbox=mode) for mode in ("on", "off"))
    assert [(e.formula, e.loss, e.errors) for e in inside] == [(e.formula, e.loss, e.errors) for e in outside]
