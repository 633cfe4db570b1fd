"""Epsilon-lexicase: who is good on rows where others are not becomes a parent, whatever its mean error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from vgp.lifecycle_doors import Store

from tests.island.tables import CALLING, started, state, table
from tests.island.test_lifecycle import chain
from tests.island.test_losses import squared
from vgp.archipelago import Archipelago
from vgp.exchange import ORGANISM
from vgp.island import Island
from vgp.parameters import Parameters
from vgp.state import sections

LEXICASE = CALLING.replace(lexicase_selection=0.8, lexicase_pool=20)
LIVING = 2  # of vgp/population.pxd
EVERYBODY = 256  # drawn with replacement: of a few organisms that is all of them


def store_of(errors):
    store = Store(Parameters(population_size=len(errors) + 1))
    slots = [store.add(chain(3, k), float(errors[k].mean())) for k in range(len(errors))]
    assert slots == list(store.living())
    store.keep_errors(np.ascontiguousarray(errors, np.uint8))
    return store, slots


def sizes(levels):
    return np.where(levels > 0, 2.0 ** (levels // 8 - 28) * (1 + levels % 8 / 8), 0.0)


@settings(deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.just(64))), st.integers(0, 63))
def test_a_row_keeps_those_within_a_median_deviation_of_the_best(levels, row):
    store, slots = store_of(levels)
    errors = sizes(levels[:, row].astype(int))
    lower = (len(errors) - 1) // 2
    middle = np.sort(errors)[lower]
    epsilon = np.sort(np.abs(errors - middle))[lower]
    assert store.pass_row(row) == [slot for slot, e in zip(slots, errors, strict=True) if e <= errors.min() + epsilon]


def test_specialists_become_parents_and_the_mediocre_do_not():
    """Of ten, one is best on a quarter of the rows and bad elsewhere; the others are all the same, and better on the average."""
    levels = np.full((10, 64), 150)
    levels[0] = 240
    levels[0, :16] = 10
    store, slots = store_of(levels)
    chosen = [store.lexicase(seed, EVERYBODY) for seed in range(400)]
    assert 60 <= chosen.count(slots[0]) <= 140  # whoever's row comes first decides
    levels[0] = 240
    store, slots = store_of(levels)
    assert slots[0] not in [store.lexicase(seed, EVERYBODY) for seed in range(100)]


def test_a_pool_of_one_is_a_random_parent():
    store, slots = store_of(np.arange(640).reshape(10, 64) % 251)
    assert {store.lexicase(seed, 1) for seed in range(300)} == set(slots)


@pytest.mark.parametrize("more", [{}, {"loss_function": squared}], ids=["built-in", "python"])
@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_a_resumed_run_chooses_the_same_parents(tmp_path, more, sandbox):
    path, data = tmp_path / "run.state", table()
    with started(LEXICASE, ticks=7, dataset=data, sandbox=sandbox, **more) as island:
        island.checkpoint(path)
        with Island.resume(path, data, sandbox=sandbox, **more) as resumed:
            island.advance(7), resumed.advance(7)
            assert state(resumed) == state(island) and island.check() is None


def errors_of(island):
    """id -> error levels of the living."""
    parts = sections(island._engine)
    organisms, levels = np.frombuffer(parts["organisms"], ORGANISM), np.frombuffer(parts["errors"], np.uint8).reshape(-1, 64)
    alive = organisms["state"] == LIVING
    return {int(i): row.tolist() for i, row in zip(organisms["id"][alive], levels[alive], strict=True)}


@pytest.mark.parametrize("changes", [{"library_size": 500}, {"population_size": 90}, {"max_expanded_size": 300}])
def test_a_store_that_changes_its_size_keeps_the_errors(changes):
    with started(LEXICASE, ticks=5) as island:
        before = errors_of(island)
        assert len({tuple(row) for row in before.values()}) > 10
        island.update(**changes)
        assert errors_of(island) == before


def test_switched_on_during_a_run_it_knows_everybodys_errors():
    """All the living are evaluated again, as a resumed run with the same change does."""
    with started(LEXICASE.replace(lexicase_selection=0.0), ticks=5) as island:
        before = island.evaluations
        island.update(lexicase_selection=0.8)
        island.advance()
        assert island.evaluations - before >= len(island.living()) + LEXICASE.births_per_tick
        assert island.check() is None


def test_the_same_loss_in_python_has_the_same_errors():
    plain = LEXICASE.replace(linear_scaling=False, precision="float64", functions=("add", "sub", "mul"))
    with started(plain) as built_in, started(plain, loss_function=squared) as python:
        ours, theirs = errors_of(built_in), errors_of(python)
    assert ours.keys() == theirs.keys()
    assert all(np.abs(np.subtract(ours[i], theirs[i])).max() <= 1 for i in ours)  # rounding decides at the edge of a level
    assert np.mean([ours[i] == theirs[i] for i in ours]) > 0.9


def test_islands_side_by_side_choose_by_lexicase_too():
    with Archipelago(table(), LEXICASE, jobs=2, sandbox="off") as islands:
        islands.create()
        islands.advance(12)
        assert all(island.check() is None for island in islands.islands)
