"""Tuned constants: derivatives against differences, fits against a slow twin and against laws whose constants are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.tables import batch, datafile, genome, random_genome
from tests.oracles import tuning as oracle
from vgp.evaluator import Evaluator, apply, derivative
from vgp.layout import ARITIES, CONSTANT, FUNCTIONS, OPCODES, Status

LOSSES = ("squared", "absolute", "huber", "logistic")
FLAT = {("if", 0), *((name, k) for name in ("less", "less_equal", "greater", "greater_equal") for k in (0, 1))}
OPERANDS = [(name, k) for name in FUNCTIONS for k in range(ARITIES[OPCODES[name]])]


def table(n_rows=1000, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.5, 3, n_rows).astype(dtype) for _ in range(3)]


def law(x, noise=0.0, seed=1):
    y = 2.5 * np.sin(1.3 * x[0] + 0.4) + 0.7 * np.exp(-0.2 * x[1]) + 11
    return (y + noise * np.random.default_rng(seed).normal(size=len(y))).astype(x[0].dtype)


FORM = "1.1 x0 mul 0.6 add sin 0.5 -0.35 x1 mul exp mul add"


@pytest.mark.parametrize(("name", "operand"), OPERANDS)
def test_derivatives_are_those_of_differences(name, operand, instruction_set):
    rng = np.random.default_rng(OPCODES[name])
    if (name, operand) in FLAT:
        assert derivative(name, operand, 1.0, 2.0, 3.0, instruction_set=instruction_set) is None
        return
    for point in rng.uniform(0.1, 1.4, (40, 3)) * (1 if name in ("log", "sqrt", "pow") else rng.choice([-1, 1], (40, 3))):
        step = np.zeros(3)
        step[operand] = 1e-3
        at = [apply(name, *np.float32(point + k * step), instruction_set=instruction_set) for k in (-1, 1)]
        distance = float(np.float32(point + step)[operand]) - float(np.float32(point - step)[operand])
        for precision in ("float32", "float64"):
            found = derivative(name, operand, *np.float32(point), precision=precision, instruction_set=instruction_set)
            assert found == pytest.approx((at[1] - at[0]) / distance, rel=2e-3, abs=2e-4), point


def test_where_a_power_has_no_derivative_it_counts_as_none():
    assert derivative("pow", 1, -2.0, 2.0) == derivative("pow", 1, 0.0, 2.0) == derivative("pow", 0, 0.0, 0.0) == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_rows", [100, 1000, 1003, 5000])
def test_the_constants_of_a_law_are_found(n_rows, dtype, instruction_set):
    x = table(n_rows, dtype)
    y = law(x)
    evaluator = Evaluator(datafile(x, y), instruction_set=instruction_set)
    tuned, (result,) = evaluator.tune(*batch([genome(FORM)]), steps=40)
    frequency, phase, _, decay = oracle.constants_of(tuned)
    digits = 1e-4 if dtype == np.float32 else 1e-7
    assert (frequency, phase, decay) == pytest.approx((1.3, 0.4, -0.2), rel=100 * digits, abs=digits)
    assert result["loss"] < (1e-11 if dtype == np.float32 else 1e-14) and result["detail"] <= 30
    assert abs(result["slope"]) == pytest.approx(2.5, rel=100 * digits)


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        (FORM, True),
        ("x0 1.5 pow x1 0.8 mul aq 3 add", True),
        ("x0 0.1 sub x1 max 0.4 mul exp", True),
        ("0.7 x0 mul 1.2 add tanh 2 mul 8 add", False),
        ("1.1 x0 mul 0.6 add sin 2 mul 10 add", False),
    ],
)
@pytest.mark.parametrize("weighted", [True, False])
def test_the_twin_finds_no_better_fit(weighted, text, scaled):
    x = table(203)
    y = law(x, 0.3)
    w = np.random.default_rng(4).integers(0, 4, 203).astype(float) if weighted else np.ones(203)
    _, loss = oracle.tune(genome(text), x, y, w, scaled)
    evaluator = Evaluator(datafile(x, y, w if weighted else None))
    _, (result,) = evaluator.tune(*batch([genome(text)]), steps=200, linear_scaling=scaled)
    assert result["loss"] <= loss * (1 + 1e-3)


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
def test_no_small_move_from_a_tuned_fit_is_better(loss, scaled):
    x = table(500)
    y = law(x, 0.5)
    y = (y > np.median(y)).astype(float) if loss == "logistic" else y
    evaluator = Evaluator(datafile(x, y))
    options = {"loss": loss, "linear_scaling": scaled, "huber_delta": 0.4}
    start = genome("0.9 x0 mul 0.6 add sin 2 mul 0.3 add") if loss == "logistic" else genome("0.9 x0 mul 0.6 add sin 2 mul 10 add")
    tuned, (result,) = evaluator.tune(*batch([start]), steps=200, **options)
    (before,) = evaluator.evaluate(*batch([start]), **options)
    assert result["loss"] < 0.99 * before["loss"]
    constants = oracle.constants_of(tuned)
    for k in range(len(constants)):
        for factor in (-1, 1):
            moved = constants.copy()
            moved[k] += factor * 0.02 * max(1, abs(moved[k]))
            (other,) = evaluator.evaluate(*batch([oracle.with_constants(tuned, moved)]), **options)
            assert other["loss"] >= result["loss"] * (1 - 1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32), st.sampled_from(LOSSES), st.booleans(), st.sampled_from([1, 2, 15, 16, 17, 100, 1003]),
    st.sampled_from([np.float32, np.float64]), st.sampled_from([0, 16, 100]), st.booleans(),
)  # fmt: skip
def test_nobody_gets_worse_and_results_are_those_of_an_evaluation(seed, loss, scaled, n_rows, dtype, rows, weighted):
    rng = np.random.default_rng(seed)
    x = table(n_rows, dtype, seed)
    y = law(x, 1.0, seed)
    y = (y > np.median(y)).astype(dtype) if loss == "logistic" else y
    w = rng.integers(0, 3, n_rows).astype(dtype)
    w[0] = 1
    genomes = [random_genome(rng, 3, int(rng.integers(1, 40)), FUNCTIONS) for _ in range(20)]
    evaluator = Evaluator(datafile(x, y, w if weighted else None))
    options = {"loss": loss, "linear_scaling": scaled}
    nodes, offsets = batch(genomes)
    before = evaluator.evaluate(nodes, offsets, **options)
    tuned, results = evaluator.tune(nodes, offsets, steps=6, rows=rows, **options)
    again = evaluator.evaluate(tuned, offsets, **options)
    for name in ("loss", "slope", "intercept", "signature", "status", "cost"):
        assert np.array_equal(results[name], again[name])
    assert (results["status"] == before["status"]).all() and (results["loss"] <= before["loss"]).all()
    same = nodes.copy()
    same["payload"][nodes["op"] == CONSTANT] = tuned["payload"][nodes["op"] == CONSTANT]
    assert np.array_equal(same, tuned) and np.isfinite(oracle.constants_of(tuned)).all()
    for i in np.flatnonzero(before["status"] != Status.ok):
        assert np.array_equal(tuned[offsets[i] : offsets[i + 1]], genomes[i])


@pytest.mark.parametrize(
    "text",
    ["x0 x1 mul", "2.5", "2 3 mul exp", "3 x0 mul 2 add", "2 x0 sub 5 div neg", "x0 2 less x1 mul", "x0 1 sub x1 x2 if"],
)
def test_constants_without_effect_stay_as_they_are(text):
    x = table()
    start = genome(text)
    tuned, (result,) = Evaluator(datafile(x, law(x))).tune(*batch([start]))
    assert np.array_equal(tuned, start) and result["detail"] == 0


def test_of_a_subtree_of_constants_one_is_moved():
    x = table()
    y = np.sin(1.7 * x[0])
    start = genome("1.1 0.2 add 2 mul 2 div x0 mul sin")
    tuned, (result,) = Evaluator(datafile(x, y)).tune(*batch([start]), steps=30)
    assert result["loss"] < 1e-20
    assert (oracle.constants_of(tuned) != oracle.constants_of(start)).sum() == 1


def test_values_that_stop_being_finite_on_the_way_are_stepped_around():
    x = table()
    y = np.log(x[0] - 0.45)
    start = genome("x0 0.2 sub log")
    tuned, (result,) = Evaluator(datafile(x, y)).tune(*batch([start]), steps=60)
    assert result["status"] == Status.ok and result["loss"] < 1e-8
    assert oracle.constants_of(tuned)[0] == pytest.approx(0.45, abs=1e-3)


def test_calls_are_columns_and_their_arguments_keep_their_constants():
    x = table()
    callee = genome("x0 x1 mul 0.5 add")
    y = np.sin(1.4 * (x[0] * x[1] + 0.5)) + 0.3 * (x[2] * x[1] * 2 + 0.5)
    start = genome("callee/0 1.3 mul sin x2 2 mul callee/1 0.2 mul add", callee=1)
    for rows in (0, 256):
        tuned, (result,) = Evaluator(datafile(x, y)).tune(*batch([start]), steps=40, rows=rows, resolve={1: callee}.get)
        assert result["loss"] < 1e-16
        frequency, argument, amplitude = oracle.constants_of(tuned)
        assert (frequency, argument) == (pytest.approx(1.4), 2)
        assert amplitude * result["slope"] == pytest.approx(0.3)


def test_missing_callees_are_told_and_malformed_organisms_are_left_alone():
    x = table()
    broken = genome("1 x0 mul sin")
    broken["length"][0] = 7
    genomes = [genome("callee/0 1.5 mul sin", callee=9), broken, genome("x0 0 mul log"), genome("1.2 x0 mul sin")]
    tuned, results = Evaluator(datafile(x, law(x))).tune(*batch(genomes))
    assert results["status"].tolist() == [Status.missing_reference, Status.malformed, Status.non_finite, Status.ok]
    assert np.array_equal(tuned[: sum(map(len, genomes[:3]))], batch(genomes)[0][: sum(map(len, genomes[:3]))])


@pytest.mark.parametrize("weighted", [True, False])
def test_standard_errors_are_those_of_the_normal_equations(weighted):
    x = table(400)
    y = law(x, 0.2)
    w = np.random.default_rng(4).uniform(0.5, 2, 400) if weighted else np.ones(400)
    evaluator = Evaluator(datafile(x, y, w if weighted else None))
    tuned, _ = evaluator.tune(*batch([genome("1.1 x0 mul 0.6 add sin 3 mul 5 add")]), steps=60)
    errors, _ = evaluator.tune(*batch([tuned]), steps=-1)
    frequency, phase, amplitude, offset, slope, intercept = errors
    assert np.isinf(amplitude) and np.isinf(offset)  # slope and intercept stand in for them
    expected = oracle.standard_errors(tuned, x, y, w, [0, 1])
    assert (frequency, phase, slope, intercept) == pytest.approx(tuple(expected), rel=1e-3)


def test_standard_errors_cover_the_truth():
    """Of 60 noisy tables: within two standard errors about 95 % of the time."""
    x, hits = table(200), []
    for seed in range(60):
        evaluator = Evaluator(datafile(x, np.sin(1.3 * x[0] + 0.4) + 0.3 * np.random.default_rng(seed).normal(size=200)))
        tuned, _ = evaluator.tune(*batch([genome("1.2 x0 mul 0.5 add sin")]), steps=40)
        errors, _ = evaluator.tune(*batch([tuned]), steps=-1)
        hits += list(np.abs(oracle.constants_of(tuned) - [1.3, 0.4]) < 2 * errors[:2])
    assert 0.88 <= np.mean(hits) <= 1


def test_a_subset_of_rows_is_spread_over_the_table():
    """A law that only the last quarter of the rows shows is found on few rows of it too."""
    x = table(4096, np.float32)
    y = (np.sin(1.4 * x[0]) * (np.arange(4096) > 3072)).astype(np.float32)
    x[1] = (np.arange(4096) > 3072).astype(np.float32)
    start = genome("1.2 x0 mul sin x1 mul")
    for rows in (64, 100, 1000):
        tuned, (result,) = Evaluator(datafile(x, y)).tune(*batch([start]), steps=30, rows=rows)
        assert oracle.constants_of(tuned)[0] == pytest.approx(1.4, rel=1e-4) and result["loss"] < 1e-9


def test_how_a_batch_is_put_together_does_not_matter():
    x = table(1003, np.float32)
    rng = np.random.default_rng(3)
    genomes = [random_genome(rng, 3, 25, ("add", "sub", "mul", "aq", "sin", "exp", "tanh")) for _ in range(50)]
    evaluator = Evaluator(datafile(x, law(x)))
    tuned, results = evaluator.tune(*batch(genomes))
    alone = [evaluator.tune(*batch([one])) for one in reversed(genomes)][::-1]
    assert np.array_equal(tuned, np.concatenate([nodes for nodes, _ in alone]))
    assert np.array_equal(results, np.concatenate([result for _, result in alone]))


def test_many_constants_and_a_long_genome():
    x = table(300)
    text = "x0 " + " ".join(f"{0.01 * k + 0.5} mul sin x{k % 3} add" for k in range(80))
    start = genome(text)
    evaluator = Evaluator(datafile(x, law(x)))
    (before,) = evaluator.evaluate(*batch([start]))
    tuned, (result,) = evaluator.tune(*batch([start]), steps=10)
    assert result["loss"] < before["loss"]
    assert 0 < (oracle.constants_of(tuned) != oracle.constants_of(start)).sum() <= 64
