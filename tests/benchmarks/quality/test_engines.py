"""What engines hand back is what they found; peers are tried where they are installed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.engines import REQUIRES, engine, installed
from vgp.benchmarks.quality.engines.functions import common
from vgp.benchmarks.quality.engines.vgp_engine import text_of
from vgp.benchmarks.quality.expression import parse
from vgp.benchmarks.quality.problems import all_problems
from vgp.benchmarks.quality.sampling import rows_of
from vgp.formula import parse as parse_genome
from vgp.layout import FUNCTIONS
from vgp.model import predict
from vgp.parameters import DEFAULT_FUNCTIONS

LOW, HIGH = 0.2, 2.0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_vgp_is_written_as_what_it_computes(name):
    from types import SimpleNamespace

    arity = {"if": 3}.get(
        name, 2 if name in ("add", "sub", "mul", "div", "aq", "pow", "min", "max") or name.startswith(("less", "greater")) else 1
    )
    text = f"{name}({', '.join(('x0', 'x1 - 0.7', 'x2 * -1.5')[:arity])})"
    nodes = parse_genome(text)
    X = np.random.default_rng(0).uniform(LOW, HIGH, (50, 3))
    entry = SimpleNamespace(nodes=nodes, slope=1.0, intercept=0.0)
    model = SimpleNamespace(entries=[entry], chosen=0, names=("x0", "x1", "x2"), link="identity")
    expected = predict(model, {f"x{k}": X[:, k] for k in range(3)}, sandbox="off")
    np.testing.assert_allclose(parse(text_of(nodes)).on(X), expected, rtol=1e-9)


@given(st.floats(-1e30, 1e30, allow_nan=False))
@settings(max_examples=50)
def test_constants_keep_all_their_digits(value):
    formula = parse(text_of(parse_genome(f"x0 + {value!r}" if value >= 0 else f"x0 + ({value!r})")))
    assert formula.values()[0] == value


def test_all_engines_get_the_functions_that_vgp_uses():
    assert common({}) == list(DEFAULT_FUNCTIONS)
    assert "sin" not in common({"sin": ""}) and "Sin" in common({"sin": "Sin"})


@pytest.mark.parametrize("name", ["vgp", "pyoperon", "gplearn"])
@pytest.mark.filterwarnings("ignore")
def test_a_short_run_hands_back_the_formula_and_its_trace(name):
    if not installed(name):
        pytest.skip(f"{' and '.join(REQUIRES[name])}: not installed")
    rows = rows_of(all_problems()["feynman_I_12_1"], 0)
    fit, small = engine(name), {} if name == "vgp" else {"population_size": 100}
    found = fit(rows.X, rows.y, Budget(1.0), 0, small)
    values = parse(found.formula).on(rows.X_test)
    assert 1 - np.mean((values - rows.y_test) ** 2) / np.var(rows.y_test) > 0
    assert found.size >= 3 and found.cpu >= 1.0 and found.evaluations >= 100
    times = [seconds for seconds, _ in found.trace]
    assert times and times == sorted(times) and times[0] > 0
    errors = [np.mean((parse(text).on(rows.X) - rows.y) ** 2) for _, text in found.trace]
    assert all(map(math.isfinite, errors)) and errors[-1] <= errors[0]


def test_vgp_ends_early_where_nothing_is_left_to_explain_and_only_there():
    problem, near = all_problems()["feynman_I_12_1"], all_problems()["nguyen_7"]
    law, other = rows_of(problem, 0), rows_of(near, 0)
    small = {"population_size": 200, "births_per_tick": 100}
    assert engine("vgp")(law.X, law.y, Budget(15.0), 0, small).cpu < 10.0
    assert engine("vgp")(other.X, other.y, Budget(1.5), 0, small | {"functions": ("add", "mul")}).cpu >= 1.5


@pytest.mark.filterwarnings("ignore")
def test_the_text_of_a_pyoperon_tree_computes_what_the_tree_does():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    face = pytest.importorskip("pyoperon.sklearn", reason="pyoperon is not installed")
    from vgp.benchmarks.quality.engines.operon_engine import copied
    from vgp.benchmarks.quality.engines.operon_engine import text_of as text_of_tree

    rows = rows_of(all_problems()["feynman_I_18_4"], 0)
    symbols = "add,sub,mul,div,sqrt,exp,log,sin,cos,square,aq,constant,variable"
    for seed in range(4):
        regressor = face.SymbolicRegressor(
            allowed_symbols=symbols, generations=3, population_size=100, random_state=seed + 1, n_threads=1
        )
        regressor.fit(rows.X, rows.y)
        columns = {hash_: f"x{k}" for k, hash_ in enumerate(regressor.variables_)}
        text = text_of_tree(copied(regressor.model_), columns)
        np.testing.assert_allclose(parse(text).on(rows.X_test), regressor.predict(rows.X_test), rtol=2e-3, atol=2e-3)


@pytest.mark.filterwarnings("ignore")
def test_the_text_of_a_gplearn_program_computes_what_the_program_does():
    pytest.importorskip("gplearn", reason="gplearn is not installed")
    from gplearn.genetic import SymbolicRegressor

    from vgp.benchmarks.quality.engines.gplearn_engine import functions
    from vgp.benchmarks.quality.engines.gplearn_engine import text_of as text_of_program

    rows = rows_of(all_problems()["feynman_I_18_4"], 0)
    regressor = SymbolicRegressor(population_size=100, generations=2, function_set=functions(), random_state=0).fit(rows.X, rows.y)
    pairs = [(program.execute(rows.X), parse(text_of_program(program.program)).on(rows.X)) for program in regressor._programs[-1]]
    alike = [np.mean(np.isclose(theirs, ours, rtol=1e-6)) > 0.95 for theirs, ours in pairs]
    assert np.mean(alike) > 0.8, "but for what gplearn protects"
