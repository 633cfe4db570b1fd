"""Rounds of tasks are the run of an archipelago, whoever runs them and however they are divided."""

import pytest

from tests.backends.runs import errors_squared, opened, outcome, run
from tests.backends.states import timeless_records
from tests.island.tables import CALLING, SMALL, table
from vgp.backends import open_islands
from vgp.backends.executors import Serial
from vgp.backends.rounds import FEWEST_TICKS, MOST_TICKS, round_ticks, step_seconds
from vgp.backends.task import Shared, Task, live
from vgp.errors import CheckpointError, InputError


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"jobs": 1},
        {"jobs": 3, "parameters": CALLING},
        {"parameters": SMALL.replace(minibatch_rows=40, minibatch_ticks=3, restart_after=4)},
        {"parameters": SMALL.replace(lexicase_selection=0.5)},
        {"loss_function": errors_squared},
        {"sandbox": "on"},
    ],
    ids=["plain", "one", "three that call", "mini-batches and eras", "lexicase", "own loss", "sandbox"],
)
def test_rounds_are_the_archipelago(more):
    """Compared between two exchanges: at one, immigrants of rounds still wait."""
    tasks, threads = run("serial", **more), run("threads", **more)
    assert tasks[:3] == threads[:3]
    assert {name: content for name, content in tasks[3].items() if name != "description"} == {
        name: content for name, content in threads[3].items() if name != "description"
    }


def test_how_a_run_is_divided_does_not_matter():
    assert run("serial", (11,)) == run("serial", (1, 3, 2, 5))


def test_the_same_task_gives_the_same_result_again():
    shared = Shared(table(), "off", None)
    first = live(shared, Task(SMALL, 5, None, ticks=3))
    again = [live(shared, Task(SMALL, 5, first.state, immigrants=first.emigrants, ticks=4)) for _ in range(2)]
    assert len({lived.emigrants for lived in again}) == 1
    assert timeless_records(again[0].records) == timeless_records(again[1].records)
    assert [record["tick"] for record in again[0].records] == [4, 5, 6, 7]


@pytest.mark.parametrize(("first", "second"), [("serial", "serial"), ("serial", "threads"), ("threads", "serial")])
@pytest.mark.parametrize("stop", [6, 8])
def test_a_state_goes_on_with_any_backend(first, second, stop):
    """6: between two exchanges; 8: where one has just been, with immigrants that wait or are in."""
    with opened("serial") as whole, opened(first) as one:
        for islands in (whole, one):
            islands.create()
        whole.advance(15)
        one.advance(stop)
        with opened(second, state=one.state(), seed=0, jobs=9) as rest:
            assert (rest.tick, rest.jobs) == (stop, 2)
            rest.advance(15 - stop)
            assert outcome(rest)[:3] == outcome(whole)[:3]


def test_a_state_belongs_to_its_table():
    with opened("serial") as islands:
        islands.create()
        kept = islands.state()
    with pytest.raises(CheckpointError, match="another table"):
        opened("serial", state=kept, dataset=table(seed=6))
    with pytest.raises(CheckpointError, match="function in Python|built-in"):
        opened("serial", state=kept, loss_function=errors_squared)


class Failing(Serial):
    """Fails in one round."""

    def __init__(self, error):
        self.error, self.rounds, self.closed = error, 0, False

    def run(self, handle, tasks):
        self.rounds += 1
        if self.rounds == 3:
            super().run(handle, tasks[:1])
            raise self.error
        return super().run(handle, tasks)

    def close(self):
        self.closed = True


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_a_round_that_fails_has_not_been(error):
    failing = Failing(error)
    with opened(failing) as islands:
        islands.create()
        with pytest.raises(error):
            islands.advance(11)
        assert islands.tick == 4
        assert len(islands.front())
        islands.advance(7)
        assert outcome(islands) == run("serial", start=())
    assert failing.closed


def test_the_front_on_all_rows_is_that_of_the_whole_table():
    parameters = SMALL.replace(minibatch_rows=40, minibatch_ticks=3)
    with opened("serial", parameters=parameters) as islands, opened("threads", parameters=parameters) as threads:
        for each in (islands, threads):
            each.create()
            each.advance(7)
        rows, others = islands.front_on_all_rows(), threads.front_on_all_rows()
        assert [(e.formula, e.loss) for e in rows] == [(e.formula, e.loss) for e in others]
        polished = islands.polished(rows)
        assert [e.formula for e in polished] == [e.formula for e in threads.polished(others)]


def test_units_hold_in_tasks():
    dataset = table().with_units({"a": "m", "b": "1", "c": "s"}, "m")
    with opened("serial", dataset=dataset, parameters=SMALL) as islands:
        islands.create()
        islands.advance(3)
        assert len(islands.polished(islands.front()))
        with opened("serial", dataset=table(), state=islands.state()) as rest:
            assert rest.dataset.units is not None


def test_blocks_are_looked_for_once_and_are_among_the_parameters():
    dataset = table(rows=200, target=lambda x: 3 * (x[:, 0] - x[:, 1]) ** 2 + x[:, 2])
    with opened("serial", dataset=dataset, parameters=SMALL) as islands:
        islands.create()
        assert islands.parameters.blocks
        assert islands.parameters.find_blocks


def test_the_length_of_a_round_depends_on_what_is_to_be_done_alone():
    few, many = table(rows=10), table(rows=20_000)
    lengths = [round_ticks(SMALL.replace(births_per_tick=births), rows) for births in (10, 1000, 100_000) for rows in (few, many)]
    assert lengths[0] == MOST_TICKS and lengths[-1] == FEWEST_TICKS
    assert lengths[2] > lengths[3]
    assert round_ticks(SMALL.replace(minibatch_rows=100), many) > round_ticks(SMALL, many)
    assert step_seconds(many) > step_seconds(few)


@pytest.mark.parametrize("what", ["serial", "threads"])
def test_what_cannot_be_used_is_told(what):
    with pytest.raises(InputError, match="at least one"):
        opened(what, jobs=0)
    with opened(what) as islands, pytest.raises(InputError, match="no_column"):
        islands.create(["a + no_column"])
    with pytest.raises(InputError, match="target"):
        open_islands(what, table().from_arrays(table().X))
