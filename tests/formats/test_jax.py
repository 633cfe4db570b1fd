"""The source for JAX is executed, under jit, grad and vmap as well."""

import jax
import numpy as np
import pytest

from tests.formats.exported import DEEPEST, EVERYTHING, HOSTILE, TABLE, agree, application, close, sample
from tests.formats.strategies import NAMES, genomes, mild_constant
from tests.formats.twin import values
from vgp.export import to_jax
from vgp.export.names import columns_used
from vgp.formula import parse
from vgp.layout import FUNCTIONS

VARIED = "if(x0 < x1, sin(x0)*x1^1.5, aq(x0, x1)) - min(x1, 2)/max(x0, cos(x1)) + tan(tanh(abs(-x1)))*log(exp(sqrt(x0))) + x1^2"


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def function_of(genome, names=None, **settings):
    scope = {}
    exec(compile(to_jax(genome, names, **settings), "exported", "exec"), scope)
    return scope["predict"]


def run(genome, names=None, table=TABLE, **settings):
    result = function_of(genome, names, **settings)(*table[columns_used(genome)])
    assert result.dtype == np.float64
    return np.broadcast_to(result, table.shape[1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_with_its_edges(name):
    close(run(application(name)), values(application(name), TABLE))


def test_random_formulas_have_their_values():
    for genome in [parse(EVERYTHING), *sample(genomes(mild_constant, max_leaves=12), 60)]:
        agree(run(genome, NAMES), genome)


def test_jit_gives_the_same_and_keeps_what_is_undefined():
    table = np.random.default_rng(0).normal(0, 3, (5, 200))
    function = jax.jit(function_of(parse(EVERYTHING)))
    np.testing.assert_allclose(function(*table), values(parse(EVERYTHING), table), rtol=1e-7)
    for name in FUNCTIONS:
        genome = application(name)
        close(jax.jit(function_of(genome))(*TABLE[columns_used(genome)]), values(genome, TABLE))


def test_vmap_over_rows_is_the_table():
    genome = parse(VARIED)
    table = np.random.default_rng(0).uniform(0.5, 3, (2, 50))
    close(jax.vmap(function_of(genome))(*table), values(genome, table))


def test_gradients_are_the_differences():
    genome = parse(VARIED)
    table = np.random.default_rng(0).uniform(0.5, 3, (2, 50))
    step = 1e-6
    for k, slopes in enumerate(jax.vmap(jax.grad(function_of(genome), argnums=(0, 1)))(*table)):
        moved = [values(genome, table + sign * step * np.eye(2)[:, [k]]) for sign in (-1, 1)]
        np.testing.assert_allclose(slopes, (moved[1] - moved[0]) / (2 * step), rtol=1e-5, atol=1e-5)


def test_without_x64_values_are_float32():
    with jax.enable_x64(False):
        result = function_of(parse("0.1*x0 + 1"))(np.array([1.0]))
        assert result.dtype == np.float32 and function_of(parse("2"))().dtype == np.float32
    np.testing.assert_allclose(result, [1.1], rtol=1e-6)


@pytest.mark.parametrize("shape", DEEPEST.values(), ids=DEEPEST)
def test_the_deepest_genomes_run(shape):
    table = TABLE[:, :20]
    close(run(parse(shape), table=table), values(parse(shape), table))


def test_hostile_column_names_become_distinct_identifiers():
    names = [*HOSTILE, "jnp", "jax"]
    table = np.random.default_rng(0).normal(0, 2, (len(names), 50))
    genome = parse(" + ".join(f"exp(aq(x{i}, {i}))" for i in range(len(names))))
    close(run(genome, names, table), values(genome, table))


def test_constants_slope_and_intercept():
    assert run(parse("1/0 - log(0)/2"))[0] == np.inf
    close(run(parse("x0*0"), slope=-2.5, intercept=0.1), values(parse("0.1 + -2.5*(x0*0)"), TABLE))
