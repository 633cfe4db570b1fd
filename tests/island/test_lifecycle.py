"""Energy, births and deaths do what the parameters say, and each mechanism can be turned off."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vgp.lifecycle_doors import Store

from tests.core.tables import indexed, node
from tests.island.tables import CALLING, SMALL, started
from tests.oracles import lifecycle as twin
from vgp.genome import genome_id
from vgp.parameters import PREDATORS, Parameters
from vgp.statistics import DEATHS, deaths_by_cause

OFF = {f"predator_{kind}": 0.0 for kind in PREDATORS}


def chain(size, k=0):
    """A genome of `size` nodes (odd), different for each k."""
    nodes = [node("constant", int(np.float64(k).view(np.uint64)))]
    for _ in range(size // 2):
        nodes += [node("variable", 0), node("add")]
    return indexed(nodes)


def caller(*ids):
    nodes = [node("reference", ids[0], 0)]
    for organism_id in ids[1:]:
        nodes += [node("reference", organism_id, 0), node("add")]
    return indexed(nodes)


@st.composite
def populations(draw):
    """(Store, slot -> twin organism): terminals and their callers, some of the called ones dead; parameters of the metabolism."""
    parameters = Parameters(
        population_size=40, births_per_tick=4, max_size=64, library_size=40,
        energy_decay=draw(st.floats(0.01, 0.5)), energy_income=draw(st.floats(0, 0.5)), energy_cap=draw(st.floats(0.5, 3)),
        energy_share=draw(st.sampled_from([0.0, 0.25, 1.0])), minimum_share=draw(st.sampled_from([0.0, 0.2, 0.9])),
    )  # fmt: skip
    store, population = Store(parameters), {}
    losses = draw(st.permutations(range(30)))  # no two equal: who of several that are as good is the best of its size is not told
    energy = st.floats(-0.3, 0.5)  # many are near starvation
    for k in range(draw(st.integers(1, 20))):
        genome = chain(draw(st.sampled_from([1, 3, 5])), k)
        loss, held = float(losses.pop()), draw(energy)
        slot = store.add(genome, loss, energy=held)
        population[slot] = twin.Organism(loss, held, len(genome))
    called = sorted(population)
    for _ in range(draw(st.integers(0, 10))):
        callees = draw(st.lists(st.sampled_from(called), min_size=1, max_size=3))
        genome = caller(*(int(store.organism(slot)["id"]) for slot in callees))
        loss, held = float(losses.pop()), draw(energy)
        slot = store.add(genome, loss, energy=held)
        if slot is not None:
            size = sum(population[callee].size for callee in callees) + len(callees) - 1
            population[slot] = twin.Organism(loss, held, size, callees)
    for slot in draw(st.sets(st.sampled_from(called), max_size=len(called) - 1)):
        store.bury(slot)
        population[slot].alive = False
        if store.organism(slot)["state"] == 0:
            del population[slot]
    return store, population, parameters


def energies(store, population):
    return {slot: float(store.organism(slot)["energy"]) for slot in population}


@settings(deadline=None, max_examples=150)
@given(populations(), st.integers(0, 2**64 - 1))
def test_energy_is_income_by_rank_with_shares_for_the_called_and_decay(drawn, seed):
    store, population, parameters = drawn
    before = energies(store, population)
    store.nourish(seed)
    after = energies(store, population)
    incomes = earned(parameters, store.living(), population, seed)
    twin.nourish(population, incomes, parameters.energy_decay, parameters.energy_share, parameters.energy_cap)
    for slot, organism in population.items():
        assert after[slot] == pytest.approx(organism.energy, abs=1e-12), before[slot]


def earned(parameters, living, population, seed):
    """What the same draw gives to organisms of the same losses, in the same order, that share nothing; decay not counted."""
    alone = Store(parameters.replace(energy_share=0.0, energy_cap=1e6, max_size=128))
    slots = [alone.add(chain(2 * k + 1), population[slot].loss, energy=0.0) for k, slot in enumerate(living)]
    alone.nourish(seed)
    return {slot: float(alone.organism(k)["energy"]) + parameters.energy_decay for slot, k in zip(living, slots, strict=True)}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=30), st.integers(0, 2**64 - 1))
def test_a_lower_loss_never_earns_less_and_the_best_earns_it_all(losses, seed):
    parameters = Parameters(population_size=40, births_per_tick=1, max_size=64, energy_cap=100.0)
    store = Store(parameters)
    slots = [store.add(chain(2 * k + 1), loss, energy=0.0) for k, loss in enumerate(losses)]
    store.nourish(seed)
    income = {slot: float(store.organism(slot)["energy"]) + parameters.energy_decay for slot in slots}
    ranked = [income[slot] for _, slot in sorted(zip(losses, slots, strict=True))]
    assert all(a >= b for a, b in pairwise(ranked))
    assert ranked[0] == pytest.approx(parameters.energy_income)
    assert min(ranked) >= 0


def test_the_median_earns_half_on_average():
    parameters = Parameters(population_size=40, births_per_tick=1, max_size=64, energy_cap=100.0)
    store = Store(parameters)
    slots = [store.add(chain(2 * k + 1), float(k), energy=0.0) for k in range(31)]
    for seed in range(200):
        store.nourish(seed)
    income = (store.organism(slots[15])["energy"] + 200 * parameters.energy_decay) / 200
    assert income == pytest.approx(parameters.energy_income / 2, rel=0.1)


@settings(deadline=None, max_examples=100)
@given(populations())
def test_starvation_takes_those_without_energy_down_to_the_minimum(drawn):
    store, population, parameters = drawn
    doomed, expected = twin.starve(population, int(parameters.minimum_share * parameters.population_size))
    before = set(store.living())
    died = store.starve()
    gone = before - set(store.living())
    assert died == len(gone) == expected
    assert gone <= doomed
    assert store.check() is None


@settings(deadline=None, max_examples=60)
@given(populations())
def test_without_decay_nobody_pays_and_nobody_starves(drawn):
    _, population, parameters = drawn
    calm = Store(parameters.replace(energy_decay=0.0))
    slots = [calm.add(chain(2 * k + 1), organism.loss, energy=-1.0) for k, organism in enumerate(population.values())]
    calm.nourish(1)
    assert calm.starve() == 0
    assert all(calm.organism(slot)["energy"] == -1.0 for slot in slots)


def full(parameters, sizes=(1, 3, 5), losses=None):
    store = Store(parameters)
    n = parameters.population_size
    for k in range(n):
        store.add(chain(sizes[k % len(sizes)], k), float(k) if losses is None else losses[k])
    return store


def test_a_newborn_takes_a_free_place_and_nobody_dies():
    store = Store(Parameters(population_size=3, births_per_tick=1, energy_birth=0.7))
    lives, deaths, stillborn = store.settle(1, chain(3), 2.0)
    assert lives and sum(deaths) == 0 == stillborn
    (slot,) = store.living()
    assert store.organism(slot)["energy"] == 0.7


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**64 - 1), st.floats(0, 30), st.sampled_from([1, 3, 5, 7]))
def test_a_full_population_stays_as_full_and_keeps_the_best_of_each_size(seed, loss, size):
    store = full(Parameters(population_size=12, births_per_tick=1, max_size=16))
    best = {}
    for slot in store.living():
        record = store.organism(slot)
        best[int(record["expanded"])] = min(best.get(int(record["expanded"]), np.inf), record["loss"])
    lives, deaths, stillborn = store.settle(seed, chain(size, 99), loss)
    assert len(store.living()) == 12
    assert sum(deaths) + stillborn == 1
    assert store.check() is None
    after = [store.organism(slot) for slot in store.living()]
    for length, least in best.items():
        assert min(record["loss"] for record in after if record["expanded"] == length) <= least
    if size == 7 or loss < best[size]:
        assert lives, "a new best of its size was turned away"


def test_where_all_are_the_best_of_their_size_a_better_one_takes_its_place():
    """Otherwise a population smaller than the longest genome would stand still for ever."""
    store = full(Parameters(population_size=3, births_per_tick=1, max_size=16))
    lives, deaths, stillborn = store.settle(1, chain(3, 99), 0.5)
    assert lives and sum(deaths) == 1 and stillborn == 0
    assert sorted(store.organism(slot)["loss"] for slot in store.living()) == [0.0, 0.5, 2.0]
    lives, deaths, stillborn = store.settle(1, chain(3, 100), 0.75)
    assert not lives


def test_without_predators_a_full_population_stays_what_it_is():
    store = full(Parameters(population_size=12, births_per_tick=1, max_size=16, **OFF))
    before = store.living()
    lives, deaths, stillborn = store.settle(1, chain(3, 99), 0.0)
    assert (lives, sum(deaths), stillborn) == (False, 0, 1)
    assert store.living() == before


@pytest.mark.parametrize("predators", [{}, OFF])
def test_a_cull_keeps_the_best_and_what_is_best_of_its_size_as_long_as_it_can(predators):
    parameters = Parameters(population_size=12, births_per_tick=1, max_size=16, **predators)
    for most in range(11, 0, -1):
        store = full(parameters, losses=[5.0, 9.0, 7.0, 1.0, 2.0, 3.0, 8.0, 11.0, 6.0, 4.0, 12.0, 10.0])
        store.cull(3, most)
        left = sorted(store.organism(slot)["loss"] for slot in store.living())
        assert len(left) == most
        assert left[:most] == [1.0, 2.0, 3.0][:most] if most <= 3 else {1.0, 2.0, 3.0} <= set(left)
        assert store.check() is None


# --- in a whole run ---


def deaths(parameters, ticks=25, seed=2):
    with started(parameters, ticks=ticks, seed=seed) as island:
        return deaths_by_cause(island.statistics()), island.statistics()


@pytest.mark.parametrize("kind", PREDATORS)
def test_each_predator_alone_is_the_only_cause_of_death(kind):
    causes, _ = deaths(SMALL.replace(**{**OFF, f"predator_{kind}": 0.5}, energy_decay=0.0, restart_after=0))
    assert causes.pop(f"eaten_{kind}") > 0
    assert not any(causes.values())


def test_without_decay_nobody_starves_and_with_it_they_do():
    assert deaths(SMALL.replace(energy_decay=0.0))[0]["starved"] == 0
    assert deaths(SMALL.replace(energy_decay=0.3))[0]["starved"] > 0


def test_with_everything_off_the_first_population_lives_for_ever():
    causes, records = deaths(SMALL.replace(**OFF, energy_decay=0.0, restart_after=0))
    assert not any(causes.values())
    assert (records["births"][1:] == 0).all() and records["stillborn"][1:].sum() > 0
    assert records["mean_age"][-1] == 25


def test_starvation_stops_at_the_minimum():
    parameters = SMALL.replace(energy_decay=5.0, energy_income=0.0, births_per_tick=1, minimum_share=0.5)
    _, records = deaths(parameters)
    assert records["living"].min() >= 30
    assert records["deaths_starved"].sum() > 0


def test_the_size_predator_makes_organisms_smaller_and_the_age_predator_younger():
    def mean(name, **predators):
        runs = [deaths(SMALL.replace(**OFF, energy_decay=0.0).replace(**predators), ticks=40, seed=seed)[1] for seed in range(3)]
        return np.mean([run[name][-10:].mean() for run in runs])

    assert mean("mean_expanded", predator_size=1.0) < mean("mean_expanded", predator_error=1.0)
    assert mean("mean_age", predator_age=1.0) < mean("mean_age", predator_error=1.0)


def test_the_likeness_predator_keeps_the_population_diverse():
    def diversity(**predators):
        runs = [deaths(SMALL.replace(**OFF, energy_decay=0.0).replace(**predators), ticks=40, seed=seed)[1] for seed in range(3)]
        return np.mean([run["diversity"][-10:].mean() for run in runs])

    assert diversity(predator_likeness=1.0) > diversity(predator_error=1.0)


@pytest.mark.parametrize("parameters", [SMALL, CALLING, SMALL.replace(energy_decay=0.3), SMALL.replace(population_size=7)])
def test_the_statistics_of_a_tick_add_up(parameters):
    """Whoever was evaluated lives, was not valid, found no room or was eaten; whoever is gone died of something."""
    _, records = deaths(parameters)
    died = sum(records[f"deaths_{cause}"].astype(int) for cause in DEATHS)
    invalid = sum(records[name].astype(int) for name in records.dtype.names if name.startswith("invalid_"))
    evaluated = np.diff(records["evaluations"].astype(int)) - records["tunings"].astype(int)[1:]  # twice
    assert (evaluated == np.diff(records["living"].astype(int)) + (died + invalid + records["stillborn"].astype(int))[1:]).all()
    assert (records["births"][1:] <= evaluated).all()


def test_callees_live_on_what_their_callers_earn():
    metabolism = {"energy_share": 1.0, "energy_decay": 0.05, "energy_income": 0.1}
    store = Store(Parameters(population_size=9, births_per_tick=1, max_size=16, **metabolism))
    poor = store.add(chain(1), 100.0, energy=0.01)
    rich = store.add(caller(genome_id(chain(1)), genome_id(chain(1))), 0.0, energy=1.0)
    other = store.add(chain(5, 7), 99.0, energy=0.01)
    store.add(chain(5, 8), 98.0)
    store.nourish(1)
    assert store.organism(poor)["energy"] >= store.organism(other)["energy"] + 0.05
    assert store.organism(rich)["energy"] == pytest.approx(0.95)


@pytest.mark.parametrize("kind", PREDATORS)
def test_each_predator_alone_can_make_a_population_smaller(kind):
    with started(SMALL.replace(**{**OFF, f"predator_{kind}": 1.0}), ticks=3) as island:
        island.update(population_size=35)
        assert len(island.living()) == 35
        assert island.check() is None
