"""On a large table an island evolves on some rows, others every few ticks; nobody lives by losses on rows that are gone."""

import numpy as np
import pytest

from tests.island.tables import CALLING, SMALL, started, state, table
from tests.island.test_moving import absolute, losses, stranger_losses
from vgp.archipelago import Archipelago
from vgp.dataset import Dataset
from vgp.errors import InputError, SandboxError
from vgp.island import Island
from vgp.whole_table import front_on_all_rows

LARGE = table(rows=3000)
FEW = CALLING.replace(minibatch_rows=100, minibatch_ticks=4, tuning_share=0.2)


def rows_of(island):
    return {tuple(row) for row in island._footing.ground.table.X.tolist()}


@pytest.mark.parametrize("more", [{}, {"loss_function": absolute}], ids=["built-in", "python"])
@pytest.mark.parametrize("ticks", [0, 3, 4, 9])
def test_losses_are_those_on_the_rows_of_now(ticks, more):
    with started(FEW, ticks=ticks, dataset=LARGE, **more) as island:
        now = island._footing.ground.table
        assert now.n_rows == 100 and rows_of(island) <= {tuple(row) for row in LARGE.X.tolist()}
        with Island(now, FEW, sandbox="off", **more) as fresh:
            fresh.import_(island.export("all"))
            assert losses(fresh).items() >= losses(island).items()
        assert island.check() is None


def test_every_few_ticks_other_rows_are_drawn():
    seen = []
    with started(FEW, dataset=LARGE) as island:
        for _ in range(3):
            seen.append(rows_of(island))
            island.advance(3)
            assert rows_of(island) == seen[-1]
            island.advance(1)
    assert len({frozenset(rows) for rows in seen}) == 3
    assert all(len(rows) == 100 for rows in seen)


@pytest.mark.parametrize("ticks", [0, 3, 4, 9])
@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_a_resumed_run_stands_where_it_stood(tmp_path, ticks, sandbox):
    path = tmp_path / "run.state"
    with started(FEW, ticks=ticks, dataset=LARGE, sandbox=sandbox) as island:
        island.checkpoint(path)
        with Island.resume(path, LARGE, sandbox=sandbox) as resumed:
            assert rows_of(resumed) == rows_of(island)
            island.advance(9), resumed.advance(9)
            assert state(resumed) == state(island)


def test_a_resumed_archipelago_too(tmp_path):
    path = tmp_path / "run.state"
    with Archipelago(LARGE, FEW, jobs=2, sandbox="off") as islands:
        islands.create()
        islands.advance(9)
        assert rows_of(islands.islands[0]) != rows_of(islands.islands[1])
        islands.checkpoint(path)
        with Archipelago.resume(path, LARGE, sandbox="off") as resumed:
            islands.advance(9), resumed.advance(9)
            assert [state(a) for a in resumed.islands] == [state(a) for a in islands.islands]


def test_the_population_moves_to_another_large_table(tmp_path):
    other, path = table(rows=2000, seed=9), tmp_path / "run.state"
    with started(FEW, ticks=9, dataset=LARGE) as island, island.moved(other) as moved:
        assert moved._footing.ground.number == 2
        assert losses(moved) == stranger_losses(island, moved._footing.ground.table)
        island.checkpoint(path)
        with Island.resume(path, other, sandbox="off", moved=True) as resumed:
            assert state(resumed) == state(moved)


def test_a_table_that_is_no_larger_is_taken_whole():
    whole, all_rows = FEW.replace(minibatch_rows=0), FEW.replace(minibatch_rows=3000)
    with started(whole, ticks=9, dataset=LARGE) as a, started(all_rows, ticks=9, dataset=LARGE) as b:
        assert state(a) == state(b) and not b.on_minibatches


@pytest.mark.parametrize("more", [{}, {"loss_function": absolute}], ids=["built-in", "python"])
def test_the_front_on_all_rows_is_that_of_an_island_on_all_rows(more):
    with started(FEW, ticks=10, dataset=LARGE, **more) as island:
        with Island(LARGE, FEW.replace(minibatch_rows=0), sandbox="off", **more) as whole:
            whole.import_(island.export("front"))
            expected = {entry.formula: entry.loss for entry in whole.front()}
        front = front_on_all_rows([island])
        assert len(front) > 1 and {entry.formula: entry.loss for entry in front} == expected
        assert expected != {entry.formula: entry.loss for entry in island.front()}


def test_a_formula_without_a_value_on_some_row_is_not_on_the_front_of_all_rows():
    x = np.linspace(1.0, 2.0, 5000)
    x[4321] = 0.0  # a mini-batch hardly ever has this row
    data = Dataset.from_arrays(x[:, None], np.where(x > 0, 1 / np.maximum(x, 1e-9), 0.0), names=("x",))
    few = SMALL.replace(minibatch_rows=50, functions=("div", "add"), find_blocks=False)
    with Island(data, few, sandbox="off") as island:
        island.create(["1/x"])
        assert island.front().best.loss < 1e-10
        assert all(entry.loss > 1e-6 for entry in front_on_all_rows([island]))


def test_an_evaluation_that_fails_leaves_the_island_where_it_stood(monkeypatch):
    with started(FEW, ticks=3, dataset=LARGE) as island:
        before = island._footing.ground

        def fails(engine):
            raise SandboxError("no more sandboxes")

        monkeypatch.setattr("vgp.footing.revaluation.evaluate_again", fails)
        with pytest.raises(SandboxError, match="no more"):
            island.advance()
        assert island._footing.ground is before and island.check() is None
        monkeypatch.undo()
        island.advance()
        assert island._footing.ground.number == 1 and island.check() is None


def test_rows_that_are_no_table_are_drawn_again_or_all_are_taken():
    y = np.zeros(1000)
    y[:4] = 1, 2, 3, 4
    rare = Dataset.from_arrays(np.arange(1000.0)[:, None], y, names=("x",))
    with started(SMALL.replace(minibatch_rows=2, minibatch_ticks=1), ticks=5, dataset=rare) as island:
        table = island._footing.ground.table
        assert table is rare or table.y.min() < table.y.max()
        assert island.check() is None


def test_a_number_that_float32_cannot_hold_is_refused_at_once():
    data = Dataset.from_arrays(np.r_[np.linspace(1, 2, 5000), 1e300][:, None], np.arange(5001.0), names=("x",))
    with pytest.raises(InputError, match="beyond float32"):
        Island(data, FEW, sandbox="off")
