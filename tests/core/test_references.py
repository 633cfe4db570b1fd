"""Organisms that call one another: values, limits, cycles, and a cache that nobody can see but by the clock."""

import numpy as np
import pytest

from tests.core.tables import batch, datafile, genome, named, random_genome
from tests.oracles import evaluation as oracle
from vgp.evaluator import Evaluator
from vgp.genome import genome_id
from vgp.layout import MAX_REFERENCE_DEPTH, Status

X = [np.linspace(0.5, 2, 100), np.linspace(-1, 1, 100), np.linspace(3, 4, 100)]


@pytest.fixture
def evaluator(instruction_set):
    return Evaluator(datafile(X, X[0]), instruction_set=instruction_set)


def chain(length):
    """Genomes by id, each calling the one before; the last is `length` calls deep."""
    library = named(genome("x0 x1 add"))
    for _ in range(length):
        library |= named(genome("c/0 1 add", c=list(library)[-1]))
    return library


def statuses(evaluator, genomes, resolve=None):
    return evaluator.evaluate(*batch(genomes), resolve=resolve)["status"].tolist()


@pytest.mark.parametrize(
    ("call", "written_out"),
    [
        ("c/0 x2 add", "x0 x1 sub x0 x1 mul div x2 add"),
        ("x2 c/1", "x2 x1 sub x0 x1 mul div"),  # the callee's own call without arguments sees the table
        ("x1 x0 c/2", "x1 x0 sub x0 x1 mul div"),
        ("2 3 c/2", "-1 x0 x1 mul div"),
        ("x0 exp x1 x0 mul exp x0 3 add x1 c/3 x0 mul add", "x0 exp x1 x0 mul exp x0 3 add sub x0 x1 mul div x0 mul add"),
        ("x1 x0 sub x2 c/1 c/1 sub", "x1 x0 sub x2 x1 sub x0 x1 mul div x1 sub x0 x1 mul div sub"),
    ],
)
def test_a_call_is_the_callees_formula_with_the_arguments_for_its_first_variables(call, written_out, evaluator):
    inner = genome("x0 x1 mul")
    callee = genome("x0 x1 sub i/0 div", i=genome_id(inner))
    program = genome(call, c=genome_id(callee))
    values = evaluator.outputs(*batch([program, genome(written_out)]), resolve=named(inner, callee).get)
    np.testing.assert_array_equal(values[0], values[1])


def test_a_missing_organism_is_named(evaluator):
    (result,) = evaluator.evaluate(*batch([genome("x0 c/0 add", c=77)]), resolve=lambda _: None)
    assert result["status"] == Status.missing_reference
    assert result["detail"] == 77
    # a denial does not outlive its batch
    assert statuses(evaluator, [genome("x0 c/0 add", c=77)], {77: genome("x1")}.get) == [Status.ok]


def test_a_malformed_answer_counts_as_missing(evaluator):
    (result,) = evaluator.evaluate(*batch([genome("c/0", c=78)]), resolve={78: genome("x0 add")}.get)
    assert (result["status"], result["detail"]) == (Status.missing_reference, 78)


def test_calls_as_deep_as_allowed_and_one_deeper(evaluator):
    library = chain(MAX_REFERENCE_DEPTH + 1)
    deepest = list(library.values())
    assert statuses(evaluator, deepest[-2:], library.get) == [Status.ok, Status.reference_depth]


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_too_deep_does_not_depend_on_who_was_asked_first(order, evaluator):
    library = chain(MAX_REFERENCE_DEPTH + 3)
    genomes = list(library.values())
    got = [statuses(evaluator, [g], library.get)[0] for g in genomes[::order]][::order]
    assert got == [Status.ok] * (MAX_REFERENCE_DEPTH + 1) + [Status.reference_depth] * 3


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_cycles_end(size, evaluator):
    library = {k + 1: genome("c/0 1 add", c=(k + 1) % size + 1) for k in range(size)}
    assert statuses(evaluator, [genome("c/0", c=1)], library.get) == [Status.reference_depth]


def test_a_cycle_through_arguments_ends(evaluator):
    library = {1: genome("x0 a/1 b/1", a=2, b=2), 2: genome("x0 a/1 x0 b/1 add", a=1, b=1)}
    assert statuses(evaluator, [genome("x0 a/1", a=1)], library.get) == [Status.reference_depth]


def bomb(body, levels):
    """Each organism calls the one before twice."""
    library = named(genome("x0 x1 add"))
    for _ in range(levels):
        library |= named(genome(body, c=list(library)[-1]))
    return library


@pytest.mark.parametrize("body", ["x0 c/1 c/1", "x0 c/1 x1 c/1 add", "c/0 c/0 add"])
def test_work_with_all_calls_written_out_is_bounded(body, evaluator):
    wide = " ".join([body] * 32) + " add" * 31
    library = bomb(wide, 5)
    genomes = list(library.values())
    got = statuses(evaluator, genomes, library.get)
    assert got[:2] == [Status.ok] * 2
    assert got[-1] == Status.work_limit


def test_work_hidden_in_arguments_that_nobody_reads_is_bounded(evaluator):
    """The callee ignores its argument: written out the formula is short, but someone must look at all of it."""
    blind = genome("x1")
    library = named(blind)
    last = genome("x0 x0 add")
    for _ in range(6):
        library |= named(last)
        ids = {"b": genome_id(blind), "c": genome_id(last)}
        last = genome(" ".join(["x0 c/1 b/1"] * 40) + " add" * 39, **ids)
    assert statuses(evaluator, [last], library.get) == [Status.work_limit]


def test_results_do_not_depend_on_the_cache(instruction_set):
    """Room for every column, for two, for none: the same bits, whether a callee is a column or written out."""
    rng = np.random.default_rng(4)
    library = {}
    for _ in range(12):
        library |= named(random_genome(rng, 3, 8, callees=list(library)[-4:]))
    genomes = [random_genome(rng, 3, 25, callees=list(library)) for _ in range(60)]
    column_bytes = 112 * 8
    outcomes = []
    for cache_bytes in (1 << 20, 2 * column_bytes, 0):
        evaluator = Evaluator(datafile(X, X[0]), cache_bytes=cache_bytes, instruction_set=instruction_set)
        first = evaluator.evaluate(*batch(genomes), resolve=library.get)
        again = evaluator.evaluate(*batch(genomes[::-1]), resolve=library.get)[::-1]
        outcomes += [first.tobytes(), again.tobytes(), evaluator.outputs(*batch(genomes), resolve=library.get).tobytes()]
    assert len(set(outcomes[0::3])) == len(set(outcomes[1::3])) == len(set(outcomes[2::3])) == 1
    assert outcomes[0] == outcomes[1]


def test_values_through_the_cache_are_those_of_the_twin(instruction_set):
    rng = np.random.default_rng(6)
    library = {}
    for _ in range(12):
        library |= named(random_genome(rng, 3, 8, oracle.EXACT, callees=list(library)[-4:]))
    genomes = [random_genome(rng, 3, 25, oracle.EXACT, callees=list(library)) for _ in range(60)]
    evaluator = Evaluator(datafile(X), cache_bytes=3 * 112 * 8, instruction_set=instruction_set)
    with np.errstate(all="ignore"):
        expected = [oracle.evaluate(g, X, library.get) for g in genomes]
    np.testing.assert_array_equal(evaluator.outputs(*batch(genomes), resolve=library.get), expected)


def test_an_organism_is_asked_for_once(evaluator):
    library, asked = chain(4), []

    def resolve(identity):
        asked.append(identity)
        return library.get(identity)

    genomes = list(library.values())
    evaluator.evaluate(*batch(genomes * 3), resolve=resolve)
    evaluator.evaluate(*batch(genomes), resolve=resolve)
    assert sorted(asked) == sorted(list(library)[:-1])


def test_what_nobody_calls_for_long_is_let_go(evaluator):
    """Else a worker's memory would fill with dead organisms up to its limits."""
    library, asked = chain(1), []
    callee, caller = library.values()

    def resolve(identity):
        asked.append(identity)
        return library.get(identity)

    evaluator.evaluate(*batch([caller]), resolve=resolve)
    for _ in range(200):
        evaluator.evaluate(*batch([callee]), resolve=resolve)
    assert len(asked) == 1
    evaluator.evaluate(*batch([caller]), resolve=resolve)
    assert len(asked) == 2
    for _ in range(200):
        evaluator.evaluate(*batch([caller]), resolve=resolve)
    assert len(asked) == 2


def test_a_callee_that_is_not_finite_spoils_only_what_it_reaches(evaluator):
    callee = genome("x1 log")  # NaN where x1 < 0
    ids = {"c": genome_id(callee)}
    genomes = [genome("c/0 x0 add", **ids), genome("x1 c/0 1 if", **ids), genome("x0 x1 exp c/2", **ids)]
    assert statuses(evaluator, genomes, named(callee).get) == [Status.non_finite, Status.ok, Status.ok]
