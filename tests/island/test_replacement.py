"""Immigrants replace whom they should, and those that are protected are left alone until their tick and not longer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vgp.lifecycle_doors import Store

from tests.core.tables import indexed, node
from tests.island.tables import CALLING, SMALL, started, state, table
from tests.island.test_exchange import A, B, constant, record_of
from tests.island.test_lifecycle import OFF, chain
from tests.island.test_predators import EVERYBODY
from tests.oracles import lifecycle as twin
from vgp.errors import InputError
from vgp.island import Island
from vgp.parameters import PREDATORS, REPLACEMENTS, Parameters

CROWD = CALLING.replace(population_size=300)  # more organisms than sizes: not all of them are the best of theirs
CHOOSING = ("worst", "random", "alike")  # without predators
signatures = st.integers(0, 2**64 - 1)


def records_of(store):
    return {slot: store.organism(slot) for slot in store.living()}


@st.composite
def full_stores(draw, **parameters):
    """A full population of twelve, no two losses equal, some of it protected until tick 9."""
    store = Store(Parameters(population_size=12, births_per_tick=1, max_size=16, **{"predator_sample": EVERYBODY, **parameters}))
    losses = draw(st.lists(st.integers(0, 100), min_size=12, max_size=12, unique=True))
    sizes = draw(st.lists(st.sampled_from([1, 3, 5, 7]), min_size=1, max_size=4))
    for k, loss in enumerate(losses):
        store.add(chain(sizes[k % len(sizes)], k), float(loss), signature=draw(signatures))
    for slot in draw(st.sets(st.sampled_from(store.living()), max_size=3)):
        store.protect(slot, 9)
    return store


@settings(deadline=None, max_examples=200)
@given(full_stores(), st.sampled_from(CHOOSING), signatures, st.floats(0, 101), st.sampled_from([1, 3, 5, 7, 9]), signatures)
def test_an_immigrant_replaces_the_one_that_its_policy_names(store, replace, signature, loss, size, seed):
    before = records_of(store)
    expected = twin.replaced(before, replace, signature) or twin.usurped(before, loss, size)
    lives, deaths, turned_away = store.settle(seed, chain(size, 99), loss, signature=signature, replace=replace)
    gone = before.keys() - records_of(store).keys() if lives else set()
    # the slot of the one that left may have gone to nobody yet: the newcomer got its own before
    assert (lives, turned_away, sum(deaths)) == (bool(expected), 0 if expected else 1, 0)
    assert len(store.living()) == 12 and store.check() is None
    assert (len(gone), gone <= expected) == (1 if expected else 0, True)


@pytest.mark.parametrize("replace", REPLACEMENTS)
@pytest.mark.parametrize("until", [0, 9])
def test_the_best_of_all_comes_in_though_each_of_the_others_is_the_best_of_its_size(replace, until):
    """It makes the worst of those that are no smaller superfluous; the smaller ones and the protected stay."""
    store = Store(Parameters(population_size=6, births_per_tick=1, max_size=16))
    slots = {size: store.add(chain(size, size), float(20 - size)) for size in (3, 5, 7, 9, 11, 13)}
    store.protect(slots[9], 9)
    lives, _, turned_away = store.settle(1, chain(8, 99), 0.5, replace=replace, until=until)
    assert lives and turned_away == 0 and store.check() is None
    assert set(slots.values()) - set(store.living()) == {slots[11]}
    assert not store.settle(1, chain(2, 99), 30.0, replace=replace, until=until)[0]  # better than nobody


def test_random_replaces_each_as_often():
    counts = np.zeros(12)
    for seed in range(2400):
        store = Store(Parameters(population_size=12, births_per_tick=1, max_size=16))
        for k in range(12):
            store.add(chain(3, k), float(k))
        store.settle(seed, chain(3, 99), 50.0, replace="random")
        counts[[slot not in store.living() for slot in range(12)]] += 1
    assert counts[0] == 0  # the best of its size
    assert counts[1:] == pytest.approx([2400 / 11] * 11, rel=0.3)


def test_a_larger_sample_replaces_worse_ones():
    def mean_rank_of_the_replaced(sample):
        gone = []
        for seed in range(200):
            store = Store(Parameters(population_size=50, births_per_tick=1, max_size=16, predator_sample=sample))
            for k in range(50):
                store.add(chain(3, k), float(k))
            store.settle(seed, chain(3, 99), 5.0, replace="worst")
            gone += set(range(50)) - set(store.living())
        return np.mean(gone)

    assert mean_rank_of_the_replaced(1) < mean_rank_of_the_replaced(3) < mean_rank_of_the_replaced(20)


# --- protection ---


@settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from(PREDATORS), st.sampled_from([1, 5, EVERYBODY]))
def test_nothing_takes_a_protected_one(data, kind, sample):
    """Whatever comes - newborns, immigrants of every policy, hunger, a cull - for as long as anybody else is left to take."""
    weights = {**OFF, f"predator_{kind}": 1.0, "predator_sample": sample, "energy_decay": 9.0, "minimum_share": 0.0}
    store = data.draw(full_stores(**weights))
    safe = {slot for slot, record in records_of(store).items() if record["protected_until"]}
    for k, replace in enumerate((None, *REPLACEMENTS) * 3):
        store.settle(data.draw(signatures), chain(data.draw(st.sampled_from([1, 3, 5, 7])), 100 + k), -1.0 - k, replace=replace)
        assert safe <= set(store.living())
    store.nourish(1)
    store.starve()
    store.cull(1, 8)
    assert safe <= set(store.living())
    assert store.check(8) is None and (store.check(9) is not None) == bool(safe)
    store.release_expired(9)
    assert store.check(9) is None and store.count_protected() == 0


def test_a_protected_immigrant_is_not_eaten_where_it_lands():
    store = Store(Parameters(population_size=8, births_per_tick=1, max_size=16, **{**OFF, "predator_error": 1.0}))
    for k in range(8):
        store.add(chain(3, k), float(k))
    assert not store.settle(1, chain(3, 50), 99.0, replace="predators")[0]
    lives, deaths, _ = store.settle(1, chain(3, 50), 99.0, replace="predators", until=5)
    assert lives and sum(deaths) == 1 and store.count_protected() == 1


@pytest.mark.parametrize("replace", REPLACEMENTS)
def test_at_most_a_quarter_is_protected(replace):
    store = Store(Parameters(population_size=20, births_per_tick=1, max_size=16))
    for k in range(20):
        store.add(chain(3, k), float(k))
    for k in range(40):
        store.settle(k, chain(3, 100 + k), 0.5, replace=replace, until=7)
        assert store.count_protected() == min(k + 1, 5)
        assert store.check(6) is None


def strangers(n):
    """Records of n organisms that are good for nothing on the test table, and different from what evolves there."""
    return [indexed([constant(1e3 + k), A, node("mul"), B, node("add"), node("sin")]) for k in range(n)]


def ids_of(island, *, protected):
    living = island.living()
    return set(living["id"][living["protected_until"] > 0].tolist()) if protected else set(living["id"].tolist())


@pytest.mark.parametrize("replace", REPLACEMENTS)
def test_protected_for_so_many_ticks_and_not_one_more(replace):
    """Predators eat the highest loss, hunger kills within a tick: strangers live exactly as long as they are protected."""
    hunger = {"energy_decay": 0.9, "energy_income": 0.9, "linear_scaling": False}
    cruel = SMALL.replace(**{**OFF, "predator_error": 1.0}, predator_sample=60, **hunger)
    with started(cruel, ticks=10) as island:
        champions_before = len(island.champions())
        report = island.import_(record_of(*strangers(10)), replace=replace, protection=4)
        assert report.accepted == 10 and champions_before
        safe = ids_of(island, protected=True)
        assert len(safe) == 10
        for _ in range(3):
            island.advance()
            assert safe == ids_of(island, protected=True) <= ids_of(island, protected=False)
            assert island.check() is None
        island.advance()
        assert not ids_of(island, protected=True) and island.check() is None
        for _ in range(3):
            island.advance()
        assert len(safe & ids_of(island, protected=False)) <= 1  # one may be the best of its size


def test_a_run_with_protected_immigrants_goes_on_where_it_stopped(tmp_path):
    def visited(island):
        for k, replace in enumerate(REPLACEMENTS):
            island.import_(record_of(*strangers(30)[k * 6 : k * 6 + 6]), replace=replace, protection=5 + 3 * k)
            island.advance(2)
        return island

    with visited(started(CROWD, ticks=8)) as island:
        assert ids_of(island, protected=True)
        island.checkpoint(tmp_path / "run.state")
        island.advance(20)
        through = state(island)
    with Island.resume(tmp_path / "run.state", table(), sandbox="off") as island:
        assert ids_of(island, protected=True) and island.check() is None
        island.advance(20)
        assert state(island) == through
        assert not ids_of(island, protected=True)


def test_a_protection_that_should_have_ended_or_of_too_many_is_found(tmp_path):
    """A checkpoint may hold any bytes; births would find no room for ever."""
    from vgp.checkpoint_file import read_checkpoint, write_checkpoint
    from vgp.errors import CheckpointError
    from vgp.exchange import ORGANISM

    with started(ticks=5) as island:
        island.checkpoint(tmp_path / "run.state")
    sections = {key: bytes(content) for key, content in read_checkpoint(tmp_path / "run.state").items()}
    living = np.frombuffer(sections["living"], np.uint32)
    for n, until, whole in ((15, 6, True), (16, 6, False), (1, 5, False)):
        organisms = np.frombuffer(sections["organisms"], ORGANISM).copy()
        organisms["protected_until"][living[:n]] = until
        write_checkpoint(tmp_path / "odd.state", {**sections, "organisms": organisms.tobytes()})
        if whole:
            Island.resume(tmp_path / "odd.state", table(), sandbox="off").close()
            continue
        with pytest.raises(CheckpointError, match="protect"):
            Island.resume(tmp_path / "odd.state", table(), sandbox="off")


def test_protection_is_lifted_where_a_smaller_population_could_not_bear_it():
    with started(ticks=5) as island:
        island.import_(record_of(*strangers(15)), replace="random", protection=100)
        island.update(population_size=200)
        assert len(ids_of(island, protected=True)) == 15
        island.update(population_size=20)
        assert not ids_of(island, protected=True) and island.check() is None
        island.advance(3)


@pytest.mark.parametrize("replace", REPLACEMENTS)
def test_a_flood_of_immigrants_leaves_the_best_and_the_bounds(replace):
    rng = np.random.default_rng(1)
    with started(CROWD, ticks=15) as island:
        best = {int(record["expanded"]): float(record["loss"]) for record in island.champions()}
        for _ in range(6):
            genomes = [indexed([constant(v), A, node("mul"), node("sin"), B, node("add")]) for v in rng.normal(size=100)]
            report = island.import_(record_of(*genomes), replace=replace, protection=int(rng.integers(0, 4)))
            assert report.accepted == 100 or replace == "predators"
            assert len(island.living()) <= 300 and len(ids_of(island, protected=True)) <= 75
            assert island.check() is None
            island.advance()
        assert min(best.values()) >= island.champions()["loss"].min()


@pytest.mark.parametrize("wrong", [{"replace": "best"}, {"protection": -1}, {"protection": 10**9}])
def test_an_unknown_policy_or_an_endless_protection_is_refused(wrong):
    with started() as island, pytest.raises(InputError, match="choose from predators|out of range"):
        island.import_(record_of(*strangers(1)), **wrong)
