"""Organisms that call others: made, kept, written out and dropped by variation; held as long as they are called; worth the same
as the plain formula."""

import numpy as np
import pytest
from vgp.lifecycle_doors import Store

from tests.core.tables import indexed, node
from tests.island.tables import CALLING, genomes, started, table
from tests.oracles import evaluation as twin
from vgp import genome
from vgp.exchange import genomes as held_genomes
from vgp.formula import parse
from vgp.island import Island
from vgp.layout import REFERENCE, batch
from vgp.parameters import Parameters
from vgp.sandbox import Sandbox

DOUBLE = CALLING.replace(  # tuned, the plain law would be found before there are many calls
    precision="float64", linear_scaling=False, functions=("add", "sub", "mul", "square", "sqrt"), tuning_share=0.0
)


def calls_of(nodes):
    return [int(node["payload"]) for node in nodes if node["op"] == REFERENCE]


@pytest.fixture(scope="module")
def callers():
    """An island (double precision) after 40 ticks of making calls, its living by id, and every genome held by id."""
    with started(DOUBLE, ticks=40) as island:
        yield island, {int(record["id"]): record for record in island.living()}, genomes(island, "all")


def test_variation_creates_calls_with_and_without_arguments(callers):
    _, _, held = callers
    arities = {int(node["arity"]) for nodes in held.values() for node in nodes if node["op"] == REFERENCE}
    assert arities == {0, 1, 2, 3}


def test_without_creation_there_are_no_calls():
    with started(CALLING.replace(reference_create=0.0), ticks=20) as island:
        assert island.statistics()["mean_calls"].max() == 0
        assert not any(calls_of(nodes) for nodes in genomes(island).values())


@pytest.mark.parametrize("off", [{"library_size": 0}, {"reference_depth": 0}])
def test_a_limit_of_zero_turns_calls_off(off):
    with started(CALLING.replace(**off, reference_module=0.3), ticks=10) as island:
        assert island.statistics()["mean_calls"].max() == 0


def test_parts_of_good_organisms_become_organisms_that_others_call():
    """Without them nobody calls anybody here. What is called is a newborn like any other, or was one."""
    with started(CALLING.replace(reference_create=0.0, reference_module=0.3), ticks=20) as island:
        assert island.check() is None
        held, calls = genomes(island), {callee for nodes in genomes(island).values() for callee in calls_of(nodes)}
        assert calls and calls <= set(held)
        assert max(len(held[callee]) for callee in calls) <= 12  # parts of good ones, not whole ones
        arities = {int(node["arity"]) for nodes in held.values() for node in nodes if node["op"] == REFERENCE}
        assert arities >= {0, 1}
        assert island.statistics()["births"].max() <= CALLING.births_per_tick


def test_no_arguments_when_none_are_allowed():
    with started(CALLING.replace(reference_arguments=0, reference_module=0.3), ticks=20) as island:
        arities = {int(node["arity"]) for nodes in genomes(island).values() for node in nodes if node["op"] == REFERENCE}
        assert arities == {0}


@pytest.mark.parametrize("most", [1, 2, 8])
def test_calls_within_calls_are_never_deeper_than_allowed(most):
    with started(CALLING.replace(reference_depth=most, reference_module=0.1), ticks=30) as island:
        heights = island.living()["height"]
        held = genomes(island)
    assert 0 < heights.max() <= most

    def height(organism_id):
        return max((1 + height(callee) for callee in calls_of(held[organism_id])), default=0)

    assert max(map(height, held)) == heights.max()


def test_the_library_is_never_larger_than_allowed():
    with started(CALLING.replace(library_size=5, reference_module=0.1), ticks=30) as island:
        records = island.statistics()
    assert 0 < records["referenced"].max() <= 5


def test_what_is_called_stays_and_what_is_called_no_more_goes():
    """Some that are called are dead; when two plain formulas, better than all others, crowd out everybody, they go too."""
    with started(CALLING, ticks=30) as island:
        assert island.statistics()["retained"][-1] > 0
        held = genomes(island)
        assert all(callee in held for nodes in held.values() for callee in calls_of(nodes))
        assert not set(held) <= {int(i) for i in island.living()["id"]}
        island.update(reference_create=0.0)
        law = "2.5 * a + sin(b) / c"
        assert island.import_(genome.encode_bundle(*batch([parse(text, "abc") for text in (law, f"-(-({law}))")]))).accepted == 2
        island.update(population_size=2)
        assert len(genomes(island)) == 2
        island.advance()
        last = island.statistics()[-1]
        assert (last["mean_calls"], last["retained"], last["referenced"]) == (0, 0, 0)


def test_writing_calls_out_makes_them_fewer():
    def mean_calls(**rates):
        with started(CALLING.replace(**rates), ticks=30, seed=3) as island:
            return island.statistics()["mean_calls"][-10:].mean()

    kept = mean_calls(reference_inline=0.0, reference_drop=0.0)
    assert mean_calls(reference_inline=1.0, reference_drop=0.0) < kept
    assert mean_calls(reference_inline=0.0, reference_drop=1.0) < kept


def test_the_expanded_size_is_the_length_of_the_plain_formula(callers):
    _, living, held = callers
    for organism_id, record in living.items():
        flat = genome.flatten(held[organism_id], held.get)
        assert record["expanded"] == len(flat)
        assert not calls_of(flat)
    assert max(record["expanded"] for record in living.values()) <= DOUBLE.expanded_limit


def slow_loss(nodes, columns, resolve, y):
    with np.errstate(all="ignore"):
        return float(np.mean((twin.evaluate(nodes, columns, resolve) - y) ** 2))


def a_few_bits_off(columns):
    """What a formula makes of this tells how much it makes of rounding: some differences make much of it."""
    return [column * (1 + 2.0**-50) for column in columns]


def test_a_caller_is_worth_what_its_plain_formula_is_worth(callers):
    """Losses of the run against the flattened genome in another evaluator, and against the slow twin."""
    _, living, held = callers
    data = table()
    columns = [np.ascontiguousarray(column) for column in data.X.T]
    compared = 0
    with data.temporary("float64") as path, Sandbox(path, mode="off") as other:
        for organism_id, record in living.items():
            if not record["calls"]:
                continue
            flat = genome.flatten(held[organism_id], held.get)
            (plain,) = other.evaluate(flat, np.array([0, len(flat)]), linear_scaling=False)
            slow, nearby = (slow_loss(held[organism_id], near, held.get, data.y) for near in (columns, a_few_bits_off(columns)))
            assert plain["loss"] == pytest.approx(record["loss"], rel=1e-9)
            assert slow == pytest.approx(record["loss"], rel=1e-9, abs=100 * abs(slow - nearby))
            compared += 1
    assert compared > 10


def test_the_sandbox_gets_the_callees_it_asks_for(callers):
    island, _, _ = callers
    with started(DOUBLE, ticks=40, sandbox="on") as sandboxed:
        assert sandboxed.living().tobytes() == island.living().tobytes()
        assert sandboxed.statistics()["invalid_missing_reference"].sum() == 0


def test_the_store_frees_a_chain_of_callees_when_the_last_caller_dies():
    store = Store(Parameters(population_size=5, births_per_tick=1, library_size=5, max_size=8))
    slots = [store.add(indexed([node("variable", 0), node("neg")]), 1.0)]
    for _ in range(3):
        organism_id = int(store.organism(slots[-1])["id"])
        slots.append(store.add(indexed([node("reference", organism_id, 0), node("neg")]), 1.0))
    for slot in slots[:3]:
        store.bury(slot)
        assert store.check() is None
    assert store.counts() == (1, 3, 3)
    store.bury(slots[3])
    assert store.check() is None
    assert store.counts() == (0, 0, 0)


def test_a_callee_called_twice_by_one_genome_is_counted_twice():
    store = Store(Parameters(population_size=5, births_per_tick=1, library_size=5, max_size=8))
    callee = store.add(indexed([node("variable", 0), node("neg")]), 1.0)
    organism_id = int(store.organism(callee)["id"])
    caller = store.add(indexed([node("reference", organism_id, 0), node("reference", organism_id, 0), node("add")]), 1.0)
    assert (store.organism(callee)["callers"], store.organism(caller)["calls"], store.counts()[2]) == (2, 2, 1)
    store.bury(caller)
    assert store.organism(callee)["callers"] == 0 and store.check() is None


def test_a_store_refuses_calls_of_strangers_and_beyond_the_library():
    store = Store(Parameters(population_size=9, births_per_tick=1, library_size=1, max_size=8))
    first, second = (store.add(indexed([node("variable", 0), node(name)]), 1.0) for name in ("neg", "sin"))
    ids = [int(store.organism(slot)["id"]) for slot in (first, second)]
    assert store.add(indexed([node("reference", 12345, 0)]), 1.0) is None
    assert store.add(indexed([node("reference", ids[0], 0), node("neg")]), 1.0) is not None
    assert store.add(indexed([node("reference", ids[0], 0), node("reference", ids[1], 0), node("add")]), 1.0) is None
    assert store.counts() == (3, 0, 1) and store.organism(first)["callers"] == 1
    assert store.check() is None


def test_exported_callers_carry_their_callees_callees_first(callers):
    island, living, _ = callers
    chosen = max(living.values(), key=lambda record: record["height"])
    nodes, offsets, is_root = held_genomes(island._engine, [chosen["id"]])
    ids = [int(i) for i in genome.ids(nodes, offsets)]
    assert ids[-1] == chosen["id"] and is_root.tolist() == [False] * (len(ids) - 1) + [True]
    for i in range(len(ids)):
        assert set(calls_of(nodes[offsets[i] : offsets[i + 1]])) <= set(ids[:i])


def test_an_imported_caller_is_worth_on_an_empty_island_what_it_was_at_home(callers):
    island, living, _ = callers
    chosen = max(living.values(), key=lambda record: record["height"])
    record = island.export([int(chosen["id"])])
    with Island(table(), DOUBLE, sandbox="off") as empty:
        report = empty.import_(record)
        assert (report.accepted, dict(report.rejected)) == (1, {})
        (guest,) = empty.living()
        assert empty.check() is None
        for name in ("id", "loss", "slope", "intercept", "signature", "expanded", "height", "calls"):
            assert guest[name] == chosen[name]
        assert empty.export([int(chosen["id"])]) == record
        empty.advance(3)
        assert empty.check() is None
