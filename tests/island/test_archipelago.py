"""Several islands: the same run however the threads are scheduled, and one that is the sum of its parts."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from tests.island.tables import CALLING, SMALL, started, state, table
from vgp.archipelago import Archipelago
from vgp.checkpoint_file import read_checkpoint, write_checkpoint
from vgp.errors import CheckpointError, InputError
from vgp.island import Island


def founded(parameters=SMALL, *, jobs=3, seed=4, ticks=0, exchange_interval=5, **more):
    archipelago = Archipelago(table(), parameters, jobs=jobs, seed=seed, sandbox="off", exchange_interval=exchange_interval, **more)
    archipelago.create()
    if ticks:
        archipelago.advance(ticks)
    return archipelago


def states(archipelago):
    return [state(island) for island in archipelago.islands]


def test_the_same_seed_and_jobs_give_the_same_run():
    with founded(CALLING, ticks=23) as one, founded(CALLING) as other:
        for ticks in (1, 6, 16):
            other.advance(ticks)
        assert states(one) == states(other)


def test_its_islands_differ_from_each_other():
    with founded(ticks=3) as archipelago:
        assert len({living for _, living, _ in states(archipelago)}) == 3


def test_one_job_is_the_island_of_that_seed():
    with founded(jobs=1, ticks=20) as archipelago, started(SMALL, seed=4, ticks=20) as island:
        assert states(archipelago) == [state(island)]
        assert archipelago.statistics().tobytes() == archipelago.islands[0].statistics().tobytes()


def test_the_best_move_to_the_next_island_and_no_further():
    with founded(ticks=5, exchange_interval=5) as archipelago, founded(ticks=5, exchange_interval=1000) as alone:
        least = [island.living()["loss"].min() for island in alone.islands]
        assert [island.living()["loss"].min() for island in archipelago.islands] == [min(least[k], least[k - 1]) for k in range(3)]
        assert archipelago.statistics()["immigrants"].sum() == 0
        archipelago.advance()
        assert archipelago.statistics()["immigrants"][-1] > 0


def test_without_an_exchange_the_islands_are_alone():
    with founded(ticks=10, exchange_interval=1000) as archipelago, started(SMALL, seed=4, ticks=10) as island:
        assert states(archipelago)[0] == state(island)


def test_its_statistics_are_sums_and_its_front_the_best_of_all():
    with founded(ticks=10) as archipelago:
        parts = np.stack([island.statistics()[-1] for island in archipelago.islands])
        whole = archipelago.statistics()[-1]
        assert whole["evaluations"] == parts["evaluations"].sum() and whole["living"] == parts["living"].sum()
        assert whole["best_loss"] == parts["best_loss"].min()
        assert whole["mean_size"] == pytest.approx(parts["mean_size"].mean())
        assert whole["tick"] == archipelago.tick == 10
        best = {}
        for island in archipelago.islands:
            for entry in island.front():
                best[entry.size] = min(best.get(entry.size, np.inf), entry.loss)
        assert archipelago.front().best.loss == min(best.values())
        assert all(entry.loss == best[entry.size] for entry in archipelago.front())


def test_an_update_reaches_every_island():
    with founded() as archipelago:
        archipelago.update(population_size=20, crossover=0.25)
        assert all(island.parameters.crossover == 0.25 and len(island.living()) <= 20 for island in archipelago.islands)
        with pytest.raises(InputError, match="fixed"):
            archipelago.update(precision="float64")


@pytest.mark.parametrize("wrong", [{"jobs": 0}, {"jobs": -1}, {"exchange_interval": 0}])
def test_no_islands_or_no_time_between_exchanges_is_an_input_error(wrong):
    with pytest.raises(InputError, match="at least one"):
        Archipelago(table(), SMALL, sandbox="off", **wrong)


def test_a_checkpoint_taken_while_another_thread_advances_is_whole(tmp_path):
    with founded(CALLING, jobs=2) as archipelago:
        thread = threading.Thread(target=archipelago.advance, args=(120,))
        thread.start()
        while thread.is_alive():
            archipelago.checkpoint(tmp_path / "run.state")
            with Archipelago.resume(tmp_path / "run.state", table(), sandbox="off") as resumed:
                assert all(island.check() is None for island in resumed.islands)
        thread.join()


def test_a_checkpoint_that_lacks_an_island_is_refused(tmp_path):
    path = tmp_path / "run.state"
    with founded(jobs=2) as archipelago:
        archipelago.checkpoint(path)
    sections = {name: bytes(content) for name, content in read_checkpoint(path).items() if not name.startswith("1.")}
    write_checkpoint(path, sections)
    with pytest.raises(CheckpointError, match=r"run\.state.*no island 1"):
        Archipelago.resume(path, table(), sandbox="off")


def test_an_island_s_checkpoint_is_an_archipelago_of_one(tmp_path):
    path = tmp_path / "run.state"
    with started(SMALL, ticks=5) as island:
        island.checkpoint(path)
        with Archipelago.resume(path, table(), sandbox="off") as archipelago:
            assert states(archipelago) == [state(island)]
            archipelago.advance(30)
            assert archipelago.tick == 35


def test_ctrl_c_stops_all_islands_and_they_go_on():
    """SIGINT reaches the main thread, the islands work in others."""
    with Archipelago(table(rows=30_000), SMALL.replace(births_per_tick=300), jobs=2, sandbox="off") as archipelago:
        archipelago.create()
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            archipelago.advance(100_000)
        timer.join()
        before = [len(island.statistics()) for island in archipelago.islands]
        time.sleep(0.1)
        assert before == [len(island.statistics()) for island in archipelago.islands], "an island goes on in the background"
        assert all(island.check() is None for island in archipelago.islands)
        archipelago.advance(2)


def test_what_one_island_raises_is_raised():
    def loss(outputs, target):
        raise ZeroDivisionError("mine")

    with Archipelago(table(), SMALL, jobs=2, sandbox="off", loss_function=loss) as archipelago, pytest.raises(ZeroDivisionError):
        archipelago.create()


def test_islands_that_cannot_start_leave_nothing_behind(monkeypatch):
    opened, closed = [], []
    original_start, original_close = Island._start, Island.close

    def start(island, **began_with):
        if len(opened) == 2:
            raise MemoryError("the third one does not fit")
        opened.append(island)
        original_start(island, **began_with)

    def close(island):
        closed.append(island)
        original_close(island)

    monkeypatch.setattr(Island, "_start", start)
    monkeypatch.setattr(Island, "close", close)
    with pytest.raises(MemoryError):
        Archipelago(table(), SMALL, jobs=3, sandbox="off")
    assert len(opened) == 2 and set(map(id, opened)) == set(map(id, closed))
