"""A population goes on on another table of the same columns, and several islands share one data file."""

import numpy as np
import pytest

from tests.island.tables import CALLING, SMALL, genomes, started, state, table
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError, SandboxError
from vgp.island import Island


def absolute(outputs, target):
    return np.abs(outputs - target).mean(axis=1)


def losses(island):
    return {int(record["id"]): float(record["loss"]) for record in island.living()}


def stranger_losses(island, dataset, **more):
    """The losses that the island's organisms get where they come as immigrants."""
    with Island(dataset, island.parameters, sandbox="off", **more) as fresh:
        fresh.import_(island.export("all"))
        return losses(fresh)


@pytest.mark.parametrize("more", [{}, {"loss_function": absolute}], ids=["built-in", "python"])
def test_everybody_is_evaluated_anew_and_the_ticks_go_on(more):
    other = table(rows=200, seed=9)
    with started(CALLING, ticks=15, **more) as island:
        before = state(island)
        with island.moved(other) as moved:
            assert moved.tick == island.tick == 15
            assert moved.check() is None and moved.dataset is other
            assert losses(moved) == stranger_losses(island, other, **more) != losses(island)
            assert genomes(moved).keys() <= genomes(island).keys()
            moved.advance(3)
            assert moved.tick == 18 and moved.check() is None
        assert state(island) == before  # the one that stayed goes on as if nothing had been
        island.advance(2)


def test_the_same_move_is_the_same_run():
    other = table(rows=100, seed=9)
    with started(CALLING, ticks=5) as island, island.moved(other) as one, island.moved(other) as two:
        one.advance(5), two.advance(5)
        assert state(one) == state(two)


def test_a_checkpoint_of_another_table_is_resumed_by_evaluating_all_anew(tmp_path):
    other, path = table(rows=200, seed=9), tmp_path / "run.state"
    with started(CALLING, ticks=15) as island:
        island.checkpoint(path)
        with pytest.raises(CheckpointError, match="belongs to another table"):
            Island.resume(path, other, sandbox="off")
        with Island.resume(path, other, sandbox="off", moved=True) as resumed, island.moved(other) as moved:
            assert state(resumed) == state(moved)
            resumed.advance(4), moved.advance(4)
            assert state(resumed) == state(moved) and resumed.check() is None


def test_on_the_same_table_a_move_on_resuming_changes_nothing(tmp_path):
    path = tmp_path / "run.state"
    with started(CALLING, ticks=10) as island:
        island.checkpoint(path)
        with Island.resume(path, table(), sandbox="off", moved=True) as resumed:
            assert state(resumed) == state(island)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (table(names=("a", "b", "d")), "column 'c' is in only one of them"),
        (table(names=("a", "c", "b")), "another order"),
        (table(names=("a", "b", "c", "d")), "column 'd'"),
        (Dataset.from_arrays(table().X, table().y, names=("a", "b", "c"), target="z"), "'z'"),
    ],
)
def test_other_columns_or_another_target_are_refused_in_one_line(tmp_path, other, words):
    path = tmp_path / "run.state"
    with started() as island:
        island.checkpoint(path)
        for attempt, owner in ((lambda: island.moved(other), "this island"),
                               (lambda: Island.resume(path, other, moved=True), str(path))):  # fmt: skip
            with pytest.raises(InputError) as caught:
                attempt()
            assert words in str(caught.value) and owner in str(caught.value) and "\n" not in str(caught.value)


def test_where_nobody_is_valid_any_more_a_new_population_can_be_created():
    only_logs = SMALL.replace(functions=("log",), initial_minimum=2, constant_share=0.0)
    with Island(table(), only_logs, sandbox="off") as island:
        island.create(["log(a)", "log(b) + log(c)"])
        negative = Dataset.from_arrays(-table().X, table().y, names=("a", "b", "c"))
        everybody = {int(i) for i in island.living()["id"]}
        with island.moved(negative) as moved:
            assert moved.check() is None and {int(i) for i in moved.living()["id"]} < everybody
            if not len(moved.living()):
                moved.update(functions=("add", "log"), initial_minimum=1)
                moved.create()
            moved.advance(2)
            assert moved.check() is None


# --- one data file for all ---


def test_islands_on_one_data_file_run_as_on_their_own_and_leave_it(tmp_path):
    path = tmp_path / "data"
    table().write(path, SMALL.precision)
    with (
        started(ticks=5) as own,
        started(ticks=5, data_file=path) as shared,
        started(ticks=5, data_file=str(path), sandbox="on") as locked_down,
    ):
        assert state(own) == state(shared) == state(locked_down)
        own.checkpoint(tmp_path / "run.state")
        with Island.resume(tmp_path / "run.state", table(), sandbox="off", data_file=path) as resumed:
            assert state(resumed) == state(own)
    table().check_file(path)


def test_a_move_takes_its_data_file_along(tmp_path):
    other, path = table(rows=200, seed=9), tmp_path / "data"
    other.write(path, SMALL.precision)
    with started(ticks=5) as island, island.moved(other, data_file=path) as moved, island.moved(other) as alone:
        assert state(moved) == state(alone)
        with pytest.raises(InputError, match="does not hold"):
            island.moved(table(rows=100), data_file=path)


def test_a_data_file_of_another_table_or_a_damaged_one_is_refused(tmp_path):
    path = tmp_path / "data"
    table(seed=6).write(path, SMALL.precision)
    with pytest.raises(InputError, match="holds another 'a'"):
        Island(table(), SMALL, sandbox="off", data_file=path)
    table().write(path, SMALL.precision)
    content = bytearray(path.read_bytes())
    content[48] ^= 1  # of the checksum
    path.write_bytes(content)
    for sandbox in ("on", "off"):
        with pytest.raises(SandboxError, match="damaged"):
            Island(table(), SMALL, sandbox=sandbox, data_file=path)
