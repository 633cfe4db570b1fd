"""Compiled programs against the stack machine in NumPy: a user's formula means what it says, on every machine and any table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.tables import batch, datafile, genome, named, random_genome
from tests.oracles import evaluation as oracle
from vgp.evaluator import Evaluator, instruction_sets
from vgp.layout import OPCODES, REFERENCE, Status

N_VARIABLES = 4
ROWS = (1, 2, 15, 16, 17, 100, 1000, 1003)
DTYPES = (np.float32, np.float64)


def columns(seed, n_rows, dtype):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(N_VARIABLES, n_rows)) * 10.0 ** rng.integers(-2, 3, (N_VARIABLES, 1))
    values[rng.random(values.shape) < 0.05] = 0
    return list(np.round(values, 3).astype(dtype))


def expected(genomes, table, resolve=None, jitter=None):
    with np.errstate(all="ignore"):
        return np.array([oracle.evaluate(g, table, resolve, jitter=jitter) for g in genomes])


def organisms(rng, functions, n):
    """Some genomes, of which later ones may call earlier ones: (genomes, genomes by id)."""
    library = {}
    for _ in range(3):
        library |= named(random_genome(rng, N_VARIABLES, 8, functions, list(library)))
    return [random_genome(rng, N_VARIABLES, int(rng.integers(1, 50)), functions, list(library)) for _ in range(n)], library


def takes_powers(nodes, library):
    """Itself, or in what it calls."""
    calls = nodes["payload"][nodes["op"] == REFERENCE].tolist()
    return bool((nodes["op"] == OPCODES["pow"]).any()) or any(takes_powers(library[callee], library) for callee in calls)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_rows=st.sampled_from(ROWS))
def test_exactly_rounded_functions_give_the_same_bits_everywhere(dtype, seed, n_rows):
    rng = np.random.default_rng(seed)
    genomes, library = organisms(rng, oracle.EXACT, 8)
    table = columns(seed, n_rows, dtype)
    values = expected(genomes, table, library.get)
    for name in instruction_sets():
        outputs = Evaluator(datafile(table), instruction_set=name).outputs(*batch(genomes), resolve=library.get)
        np.testing.assert_array_equal(outputs, values, err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_rows=st.sampled_from(ROWS))
def test_all_functions_are_within_a_few_last_places_of_numpy(dtype, seed, n_rows):
    rng = np.random.default_rng(seed)
    genomes, library = organisms(rng, tuple(oracle.FUNCTIONS), 8)
    powers = np.array([takes_powers(nodes, library) for nodes in genomes])
    table = columns(seed, n_rows, dtype)
    shaken = np.array([expected(genomes, table, library.get, np.random.default_rng(k) if k else None) for k in range(12)])
    with np.errstate(all="ignore"):
        middle, spread = shaken.mean(0), shaken.max(0) - shaken.min(0)
        decided = np.isfinite(shaken).all(0)
        tolerance = 2 * spread + 20 * np.finfo(dtype).eps * np.abs(middle) + np.finfo(dtype).tiny
        # where a jump (a comparison, a rounding to whole exponents) hangs on the last places, anything may come out
        jumpy = spread > 0.01 * np.abs(middle)
    for name in instruction_sets():
        outputs = Evaluator(datafile(table), instruction_set=name).outputs(*batch(genomes), resolve=library.get)
        with np.errstate(invalid="ignore"):
            wrong = decided & ~jumpy & ~(np.abs(outputs - middle) <= tolerance)
        assert not wrong.any(), (name, outputs[wrong][:3], middle[wrong][:3])
        undefined = np.isnan(shaken).all(0) & ~powers[:, None]  # whether an exponent is whole may hang on its last place
        assert not np.isfinite(outputs[undefined]).any(), name


def test_evaluating_twice_and_in_any_company_gives_the_same_bits(instruction_set):
    rng = np.random.default_rng(3)
    genomes = [random_genome(rng, N_VARIABLES, 30) for _ in range(40)]
    table = columns(1, 1003, np.float32)
    data = datafile(table, table[0])
    together = Evaluator(data, instruction_set=instruction_set).evaluate(*batch(genomes))
    evaluator = Evaluator(data, instruction_set=instruction_set)
    alone = np.concatenate([evaluator.evaluate(*batch([g])) for g in genomes[::-1]])[::-1]
    assert together.tobytes() == alone.tobytes()
    assert (together["status"] == Status.ok).any()


def test_values_below_the_smallest_normal_number_count_as_zero(instruction_set):
    tiny = np.full(16, 1e-20, np.float32)
    evaluator = Evaluator(datafile([tiny]), instruction_set=instruction_set)
    assert (evaluator.outputs(*batch([genome("x0 x0 mul 1e10 mul")])) == 0).all()


@pytest.mark.parametrize("n_rows", [100, 1003])
def test_padding_rows_do_not_count(n_rows, instruction_set):
    """A huge last row, which the padding repeats, must weigh once."""
    x = np.ones(n_rows, np.float32)
    x[-1] = 1000
    evaluator = Evaluator(datafile([x], np.zeros(n_rows, np.float32)), instruction_set=instruction_set)
    (result,) = evaluator.evaluate(*batch([genome("x0")]), linear_scaling=False)
    assert result["loss"] == pytest.approx((n_rows - 1 + 1e6) / n_rows)


def test_many_variables_and_rows_in_tiles_agree_with_numpy(instruction_set):
    """Tables beyond the second-level cache are worked through in tiles by groups of organisms."""
    rng = np.random.default_rng(0)
    table = [rng.normal(size=30_001).astype(np.float32) for _ in range(9)]
    genomes = [random_genome(rng, 9, 20, oracle.EXACT) for _ in range(70)]
    outputs = Evaluator(datafile(table), instruction_set=instruction_set).outputs(*batch(genomes))
    np.testing.assert_array_equal(outputs, expected(genomes, table))


def test_temporaries_survive_deep_right_leaning_expressions(instruction_set):
    """Every left operand waits in a temporary: 100 at once."""
    terms = 100
    text = " ".join("x0 x1 mul" for _ in range(terms)) + " add" * (terms - 1)
    x = np.arange(20, dtype=np.float64)
    evaluator = Evaluator(datafile([x, x]), instruction_set=instruction_set)
    np.testing.assert_array_equal(evaluator.outputs(*batch([genome(text)]))[0], terms * x * x)
