"""Losses, fitted lines and signatures against their definitions in extended precision."""

import numpy as np
import pytest

from tests.core.tables import batch, datafile, genome, random_genome
from tests.oracles import evaluation as oracle
from vgp.evaluator import Evaluator
from vgp.layout import Status

ROWS = (1, 2, 15, 16, 17, 100, 1000, 1003)
LOSSES = ("squared", "absolute", "huber")


def problem(n_rows, dtype, seed=0, weighted=False):
    """Two columns, a noisy target, weights of which some are 0."""
    rng = np.random.default_rng(seed)
    x = [rng.normal(size=n_rows).astype(dtype), rng.uniform(1, 3, n_rows).astype(dtype)]
    y = (3 * x[0] * x[1] - 7 + rng.normal(size=n_rows)).astype(dtype)
    weights = rng.integers(0, 4, n_rows).astype(dtype) if weighted else np.ones(n_rows, dtype)
    weights[0] = 1
    return x, y, weights


def evaluate(x, y, weights, genomes, instruction_set=None, **options):
    data = datafile(x, y, None if (weights == 1).all() else weights)
    return Evaluator(data, instruction_set=instruction_set).evaluate(*batch(genomes), **options)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_match_their_definitions(loss, scaled, weighted, dtype, instruction_set):
    rng = np.random.default_rng(1)
    for n_rows in ROWS:
        x, y, weights = problem(n_rows, dtype, n_rows, weighted)
        genomes = [random_genome(rng, 2, 12, ("add", "sub", "mul", "aq", "neg", "abs")) for _ in range(12)]
        data = datafile(x, y, weights if weighted else None)
        evaluator = Evaluator(data, instruction_set=instruction_set)
        results = evaluator.evaluate(*batch(genomes), loss=loss, linear_scaling=scaled, huber_delta=0.7)
        for f, result in zip(evaluator.outputs(*batch(genomes)), results, strict=True):
            slope, intercept = oracle.line(f, y, weights) if scaled else (1, 0)
            exact = oracle.loss(loss, f, y, weights, slope, intercept, 0.7)
            spread = oracle.loss(loss, 0 * f, y, weights, 0, oracle.line(0 * f, y, weights)[1], 0.7)
            assert result["status"] == Status.ok
            assert result["loss"] == pytest.approx(float(exact), rel=1e-4, abs=1e-11 * float(spread) + 1e-12)


@pytest.mark.parametrize("scaled", [False, True])
def test_signatures_are_the_signs_of_residuals(scaled, instruction_set):
    for n_rows in ROWS:
        x, y, weights = problem(n_rows, np.float32, 5)
        evaluator = Evaluator(datafile(x, y), instruction_set=instruction_set)
        program = batch([genome("x0 x1 mul")])
        (result,) = evaluator.evaluate(*program, linear_scaling=scaled)
        (f,) = evaluator.outputs(*program)
        slope, intercept = oracle.line(f, y, weights) if scaled else (1, 0)
        signs, undecided = oracle.signature(f, y, slope, intercept)
        bits = np.array([int(result["signature"]) >> i & 1 for i in range(64)], bool)
        assert (bits == signs)[~undecided].all()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_errors_of_the_probe_rows_are_known_to_an_eighth(loss, scaled, instruction_set):
    for n_rows in ROWS:
        x, y, _ = problem(n_rows, np.float64, 7)
        if y.min() == y.max():
            continue  # no unit: nobody evolves on such a table
        evaluator = Evaluator(datafile(x, y), instruction_set=instruction_set)
        program = batch([genome("x0 x1 mul")])
        (result,) = evaluator.evaluate(*program, loss=loss, linear_scaling=scaled, probe_errors=True)
        (f,) = evaluator.outputs(*program)
        sizes = oracle.probe_errors(loss, f, y, float(result["slope"]), float(result["intercept"]))
        levels = result["errors"].astype(int)
        told = np.where(levels > 0, 2.0 ** (levels // 8 - 28) * (1 + levels % 8 / 8), 0.0)
        assert (told <= sizes * (1 + 1e-6) + 1e-9).all()
        assert (sizes < 2.0**-28 * 1.126 + (told * 1.126) * (1 + 1e-6))[levels < 255].all()
        (plain,) = evaluator.evaluate(*program, loss=loss, linear_scaling=scaled)
        assert not plain["errors"].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_exact_law_has_no_loss_to_speak_of(dtype, instruction_set):
    """A fit so good that a difference of sums would be noise: the residuals decide."""
    x, _, weights = problem(1000, dtype)
    y = (1000 + 5 * x[0]).astype(dtype)
    (result,) = evaluate(x, y, weights, [genome("x0")], instruction_set)
    assert result["loss"] <= (np.finfo(dtype).eps * 1005) ** 2
    assert result["slope"] == pytest.approx(5, rel=1e-5)
    assert result["intercept"] == pytest.approx(1000, rel=1e-6)


@pytest.mark.parametrize("noise", [1e-2, 1e-3, 1e-4])
def test_small_losses_keep_their_digits_in_single_precision(noise, instruction_set):
    x, _, weights = problem(1003, np.float32)
    y = (x[0] + noise * np.random.default_rng(2).normal(size=1003)).astype(np.float32)
    (result,) = evaluate(x, y, weights, [genome("x0")], instruction_set)
    slope, intercept = oracle.line(x[0], y, weights)
    assert result["loss"] == pytest.approx(float(oracle.loss("squared", x[0], y, weights, slope, intercept)), rel=1e-4)


@pytest.mark.parametrize("offset", [1e3, 1e6])
def test_a_large_mean_does_not_drown_the_spread(offset, instruction_set):
    x, y, weights = problem(1000, np.float32)
    shifted = (x[0] + offset).astype(np.float32)
    (result,) = evaluate([shifted], y, weights, [genome("x0")], instruction_set)
    slope, intercept = oracle.line(shifted, y, weights)
    assert result["loss"] == pytest.approx(float(oracle.loss("squared", shifted, y, weights, slope, intercept)), rel=1e-4)


@pytest.mark.parametrize(("dtype", "scale"), [(np.float32, 1e30), (np.float32, 1e-30), (np.float64, 1e150), (np.float64, 1e-140)])
@pytest.mark.parametrize("which", ["target", "values"])
def test_sizes_far_from_one_neither_overflow_nor_vanish(which, dtype, scale, instruction_set):
    x, y, weights = problem(500, dtype)
    plain = evaluate(x, y, weights, [genome("x0 x1 mul")], instruction_set)[0]
    if which == "target":
        result = evaluate(x, (y * dtype(scale)).astype(dtype), weights, [genome("x0 x1 mul")], instruction_set)[0]
        assert result["loss"] / scale / scale == pytest.approx(plain["loss"], rel=1e-4)
    else:
        large = [x[0] * dtype(scale), x[1]]
        result = evaluate(large, y, weights, [genome("x0 x1 mul")], instruction_set)[0]
        assert result["loss"] == pytest.approx(plain["loss"], rel=1e-4)
        assert result["slope"] * scale == pytest.approx(plain["slope"], rel=1e-4)


def test_a_constant_is_fitted_by_the_weighted_mean(instruction_set):
    x, y, weights = problem(1003, np.float32, weighted=True)
    for text in ("2.5", "x0 x0 sub"):
        (result,) = evaluate(x, y, weights, [genome(text)], instruction_set)
        assert result["status"] == Status.ok
        assert result["slope"] == 0
        assert result["intercept"] == pytest.approx(float(np.average(y.astype(np.float64), weights=weights)), rel=1e-6)


@pytest.mark.parametrize("loss", [*LOSSES, "logistic"])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("row", [0, 15, 16, 500, 1002])
def test_one_value_that_is_not_finite_is_found(loss, scaled, row, instruction_set):
    """Wherever it stands, even where the weight is 0."""
    x, y, weights = problem(1003, np.float32)
    x[0][row], weights[row] = 0, 0
    y = (y > 0).astype(np.float32)
    genomes = [genome("1 x0 div"), genome("x0 log"), genome("x1")]
    results = evaluate(x, y, weights, genomes, instruction_set, loss=loss, linear_scaling=scaled)
    assert results["status"].tolist() == [Status.non_finite, Status.non_finite, Status.ok]
    assert np.isinf(results["loss"][:2]).all()


def logistic_optimum(f, t, w):
    """Newton's method in extended precision on the standardised column."""
    g = ((f - f.mean()) / f.std()).astype(np.longdouble)
    a = b = np.longdouble(0)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(a + b * g)))
        h = w * p * (1 - p)
        gradient = np.array([np.sum(w * (p - t)), np.sum(w * (p - t) * g)], float)
        hessian = np.array([[np.sum(h), np.sum(h * g)], [np.sum(h * g), np.sum(h * g * g)]], float)
        step = np.linalg.solve(hessian, gradient)
        a, b = a - step[0], b - step[1]
    return b / f.std(), a - b * f.mean() / f.std()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
def test_logistic_loss_and_its_fit(weighted, dtype, instruction_set):
    x, y, weights = problem(1003, dtype, weighted=weighted)
    t = (y > np.median(y)).astype(dtype)
    t[::7] = 1 - t[::7]
    results = evaluate(x, t, weights, [genome("x0 x1 mul")], instruction_set, loss="logistic", linear_scaling=False)
    f = x[0] * x[1]
    assert results["loss"][0] == pytest.approx(float(oracle.loss("logistic", f, t, weights, 1, 0)), rel=1e-6)
    (result,) = evaluate(x, t, weights, [genome("x0 x1 mul 1000 add")], instruction_set, loss="logistic")
    f = (x[0] * x[1] + dtype(1000)).astype(dtype)
    best = oracle.loss("logistic", f, t, weights, *logistic_optimum(f.astype(np.float64), t, weights))
    assert result["loss"] == pytest.approx(float(best), rel=1e-6)


def test_separable_classes_come_to_a_small_finite_loss(instruction_set):
    x, _, weights = problem(1000, np.float32)
    (result,) = evaluate(x, (x[0] > 0.3).astype(np.float32), weights, [genome("x0")], instruction_set, loss="logistic")
    assert result["status"] == Status.ok
    assert 0 <= result["loss"] < 0.02
