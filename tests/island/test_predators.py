"""A predator eats the worst of what it sees by its criterion, and never the best of a size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vgp.lifecycle_doors import Store

from tests.island.test_lifecycle import OFF, chain
from tests.oracles import lifecycle as twin
from vgp.parameters import PREDATORS, Parameters

EVERYBODY = 1024  # a sample so large that the few who live here are all in it


@st.composite
def prey(draw, sample=EVERYBODY, **predators):
    weights = {f"predator_{kind}": predators.get(kind, 0.0) for kind in PREDATORS}
    store = Store(Parameters(population_size=12, births_per_tick=1, max_size=16, predator_sample=sample, **weights))
    for k in range(draw(st.integers(1, 12))):
        store.add(
            chain(draw(st.sampled_from([1, 3, 5, 7])), k), draw(st.floats(0, 9)), born=draw(st.integers(0, 9)),
            cost=draw(st.integers(0, 9)), signature=draw(st.integers(0, 2**64 - 1)),
        )  # fmt: skip
    return store


def eatable(store):
    """Records of all but the best of each size, by slot."""
    records = {slot: store.organism(slot) for slot in store.living()}
    least = {}
    for record in records.values():
        size = int(record["expanded"])
        least[size] = min(least.get(size, np.inf), float(record["loss"]))
    return {slot: record for slot, record in records.items() if record["loss"] > least[int(record["expanded"])]}


def all_known(store, candidates):
    """Whether nobody else can be eaten: no organism is just as good as the best of its size."""
    return len(candidates) == len(store.living()) - len({int(store.organism(slot)["expanded"]) for slot in store.living()})


@pytest.mark.parametrize("kind", range(4))
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_it_eats_the_worst_by_its_criterion(kind, data):
    store = data.draw(prey(**{PREDATORS[kind]: 1.0}))
    slot, cause = store.hunt(data.draw(st.integers(0, 2**64 - 1)))
    candidates = eatable(store)
    if slot is None:
        assert not candidates
        return
    assert cause == kind + 1
    if slot in candidates and all_known(store, candidates):
        assert twin.worst([candidates[slot]], kind) == twin.worst(candidates.values(), kind)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_likeness_predator_eats_the_worse_of_the_two_most_alike(data):
    store = data.draw(prey(likeness=1.0))
    candidates = eatable(store)
    slot, _ = store.hunt(data.draw(st.integers(0, 2**64 - 1)))
    if len(candidates) < 2 or not all_known(store, candidates):
        return
    pairs = [(a, b) for a in candidates for b in candidates if a < b]
    alike = {pair: twin.likeness(*(candidates[slot]["signature"] for slot in pair)) for pair in pairs}
    closest = [pair for pair in pairs if alike[pair] == max(alike.values())]
    worse = {max(pair, key=lambda s: (candidates[s]["loss"], candidates[s]["expanded"])) for pair in closest}
    rank = {s: (float(candidates[s]["loss"]), int(candidates[s]["expanded"])) for s in candidates}
    tied = {s for pair in closest for s in pair if rank[pair[0]] == rank[pair[1]]}
    assert slot in worse | tied


@settings(deadline=None, max_examples=40)
@given(st.data(), st.integers(1, 8))
def test_parents_that_are_chosen_among_their_size_lose_to_no_smaller_one(data, size):
    store = data.draw(prey())
    records = {slot: store.organism(slot) for slot in store.living()}
    chosen = [store.select(seed, size) for seed in range(30)]
    assert set(chosen) <= set(records)
    front = {s for s, a in records.items() if not any(twin.beats(b, a) for b in records.values())}
    assert all(store.select(seed, EVERYBODY) in front for seed in range(5))


@settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from([1, 2, 5]), st.sampled_from(PREDATORS))
def test_the_best_of_a_size_is_never_named(data, sample, kind):
    store = data.draw(prey(sample, **{kind: 1.0}))
    best = {}
    for slot in store.living():
        best.setdefault(int(store.organism(slot)["expanded"]), []).append((float(store.organism(slot)["loss"]), slot))
    for seed in range(10):
        slot, _ = store.hunt(seed)
        if slot is not None:
            losses = best[int(store.organism(slot)["expanded"])]
            assert len(losses) > 1 and float(store.organism(slot)["loss"]) >= min(losses)[0]


def test_without_weights_nobody_hunts():
    store = Store(Parameters(population_size=12, births_per_tick=1, max_size=16, **OFF))
    for k in range(12):
        store.add(chain(3, k), float(k))
    assert store.hunt(1)[0] is None


def test_kinds_hunt_as_often_as_their_weights_say():
    weights = {**OFF, "predator_error": 3.0, "predator_age": 1.0, "predator_likeness": 4.0}
    store = Store(Parameters(population_size=12, births_per_tick=1, max_size=16, **weights))
    for k in range(12):
        store.add(chain(3, k), float(k))
    causes = np.bincount([store.hunt(seed)[1] for seed in range(4000)], minlength=7)
    assert causes[[0, 2, 4, 6]].sum() == 0
    assert causes[[1, 3, 5]] == pytest.approx([1500, 500, 2000], rel=0.15)


def test_a_larger_sample_eats_worse_organisms():
    def mean_loss(sample):
        predators = {**OFF, "predator_error": 1.0, "predator_sample": sample}
        store = Store(Parameters(population_size=100, births_per_tick=1, max_size=16, **predators))
        for k in range(100):
            store.add(chain(3, k), float(k))
        return np.mean([store.organism(store.hunt(seed)[0])["loss"] for seed in range(300)])

    assert mean_loss(1) < mean_loss(3) < mean_loss(20)
