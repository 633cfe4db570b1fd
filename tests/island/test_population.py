"""The store holds together after every tick, whatever the parameters; its bounds hold at every moment; the best are never lost."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.island.tables import CALLING, SMALL, started, table
from vgp.errors import InputError
from vgp.island import Island
from vgp.layout import FUNCTIONS
from vgp.parameters import LOSSES, MUTATIONS, PREDATORS, Parameters

share = st.sampled_from([0.0, 0.1, 0.5, 1.0])
weight = st.sampled_from([0.0, 0.5, 3.0])


@st.composite
def any_parameters(draw):
    """Corners as often as middles: two organisms, genomes of one node, single births, nothing but one operator."""
    mutations = {f"mutation_{kind}": draw(weight) for kind in MUTATIONS}
    mutations[f"mutation_{draw(st.sampled_from(MUTATIONS))}"] = 1.0
    return Parameters(
        population_size=draw(st.sampled_from([2, 3, 10, 40])), minimum_share=draw(share),
        births_per_tick=draw(st.sampled_from([1, 2, 7, 50])), max_size=draw(st.sampled_from([1, 2, 3, 9, 40])),
        max_depth=draw(st.sampled_from([1, 2, 5, 64])), max_expanded_size=draw(st.sampled_from([0, 1, 5, 100, 4096])),
        functions=draw(st.lists(st.sampled_from(FUNCTIONS), min_size=1, max_size=6)),
        initial_size=draw(st.sampled_from([1, 5, 1024])), initial_minimum=draw(st.sampled_from([1, 3])),
        constant_share=draw(share), tournament_size=draw(st.sampled_from([1, 3, 100])), front_selection=draw(share),
        crossover=draw(share), mutate_after_crossover=draw(share), **mutations,
        reference_create=draw(share), reference_module=draw(share), reference_inline=draw(share), reference_drop=draw(share),
        reference_depth=draw(st.sampled_from([0, 1, 3, 8])), reference_arguments=draw(st.integers(0, 3)),
        library_size=draw(st.sampled_from([0, 1, 20])), energy_birth=draw(st.sampled_from([1e-6, 1.0])),
        energy_decay=draw(st.sampled_from([0.0, 0.05, 10.0])), energy_income=draw(st.sampled_from([0.0, 0.1, 10.0])),
        energy_share=draw(share), **{f"predator_{kind}": draw(weight) for kind in PREDATORS},
        predator_sample=draw(st.sampled_from([1, 5, 1024])), loss=draw(st.sampled_from(LOSSES)), linear_scaling=draw(st.booleans()),
    )  # fmt: skip


def least_by_size(island):
    """Expanded size -> least loss among the living of that size."""
    best = {}
    for record in island.living():
        size = int(record["expanded"])
        best[size] = min(best.get(size, np.inf), float(record["loss"]))
    return best


@settings(deadline=None, max_examples=120)
@given(any_parameters(), st.integers(0, 2**32))
def test_every_tick_leaves_a_store_that_holds_together(parameters, seed):
    data = table(rows=24, target=lambda x: (x[:, 0] > 1.2).astype(float))
    with Island(data, parameters, seed=seed, sandbox="off") as island:
        try:
            island.create()
        except InputError:
            return  # not one random formula of these functions has a value on every row
        best = least_by_size(island)
        minimum = int(parameters.minimum_share * parameters.population_size)
        for _ in range(6):
            before = len(island.living())
            island.advance()
            assert island.check() is None
            now, after = len(island.living()), least_by_size(island)
            assert min(before, minimum) <= now <= parameters.population_size
            assert all(after.get(size, np.inf) <= loss for size, loss in best.items()), "the best of a size was lost"
            best = after
        living = island.living()
        assert (living["size"] <= parameters.max_size).all()
        assert (living["expanded"] <= parameters.expanded_limit).all()
        assert (living["depth"] <= max(parameters.max_depth, 1)).all()
        assert (living["height"] <= parameters.reference_depth).all()
        assert len(set(living["id"].tolist())) == len(living)
        assert np.isfinite(living["loss"]).all()
        assert (living["energy"] <= max(parameters.energy_cap, parameters.energy_birth)).all()


def test_the_bounds_hold_while_a_tick_is_under_way():
    with started(CALLING, ticks=20) as island:
        over, counts = threading.Event(), []

        def watch():
            while not over.is_set():
                counts.append(len(island.living()))

        watcher = threading.Thread(target=watch)
        watcher.start()
        island.advance(60)
        while not counts:
            island.advance()
        over.set()
        watcher.join()
        assert 30 <= min(counts) <= max(counts) <= 60


def test_the_front_never_gets_worse():
    with started(CALLING) as island:

        def least(front, size):
            return min((entry.loss for entry in front if entry.size <= size), default=np.inf)

        before = island.front()
        for _ in range(30):
            island.advance()
            after = island.front()
            assert all(least(after, entry.size) <= entry.loss for entry in before)
            before = after


def test_a_small_population_of_long_genomes_goes_on_improving():
    """Fewer organisms than sizes: all are soon the best of their size, and still better ones must find a place."""
    with started(SMALL.replace(population_size=8, max_size=40), seed=3, ticks=40) as island:
        early = island.statistics()["best_loss"][-1]
        births = island.statistics()["births"][-10:].sum()
        island.advance(300)
        assert births + island.statistics()["births"][-300:].sum() > 0
        assert island.statistics()["best_loss"][-1] < early


def test_evolution_finds_a_law():
    data = table(target=lambda x: 2.0 * x[:, 0] * x[:, 1] + 1.0)
    parameters = Parameters(population_size=200, births_per_tick=200, functions=("add", "mul"), max_size=15)
    with started(parameters, dataset=data, ticks=40, seed=1) as island:
        best = island.front().best
        assert best.r2 > 1 - 1e-9 and best.size <= 5


def test_no_population_no_tick():
    with Island(table(), SMALL, sandbox="off") as island:
        with pytest.raises(InputError, match="create its population first"):
            island.advance()
        assert len(island.front()) == 0 and len(island.living()) == 0
        island.create()
        island.advance()


def test_a_table_on_which_no_formula_has_a_value_is_an_input_error():
    data = table(target=lambda x: x[:, 0])
    with Island(data, SMALL, sandbox="off", loss_function=lambda outputs, target: np.full(len(outputs), np.nan)) as island:
        with pytest.raises(InputError, match="no random formula"):
            island.create()
        assert island.check() is None


def test_a_dataset_without_a_target_is_refused():
    from vgp.dataset import Dataset

    with pytest.raises(InputError, match="target"):
        Island(Dataset.from_arrays(np.ones((3, 1)) * [[1], [2], [3]]))
