"""Rounds in joblib: processes, threads."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.backends.processes import gone, kill_a_worker, none_left
from tests.backends.runs import LONGER, LONGER_TICKS, opened, outcome, run, undisturbed
from tests.island.tables import SMALL
from vgp.backends import joblib_tasks
from vgp.errors import BackendError, FormulaError

joblib = pytest.importorskip("joblib")


@pytest.fixture(autouse=True)
def no_workers_left():
    """loky keeps its processes for the next call; the test ends them."""
    yield
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.mark.parametrize("kind", ["loky", "threading"])
def test_joblib_does_what_serial_does(kind):
    with joblib.parallel_config(backend=kind):
        assert run("joblib", sandbox="on") == run("serial", sandbox="on")


def test_a_loss_in_python_travels_by_value():
    offset = 0.25
    more = {"loss_function": lambda outputs, target: ((outputs - target - offset) ** 2).mean(axis=1)}
    assert run("joblib", (5,), **more) == run("serial", (5,), **more)


def test_an_error_of_a_task_is_what_the_user_sees():
    with opened("joblib") as islands, pytest.raises(FormulaError, match="nowhere"):
        islands.create(["a + nowhere"])


def test_a_worker_that_is_killed_costs_time_only():
    with opened("joblib", **LONGER) as islands, ThreadPoolExecutor(1) as side:
        islands.create(["2*a + b"])
        orphans = side.submit(kill_a_worker, os.getpid())
        islands.advance(LONGER_TICKS)
        assert outcome(islands) == undisturbed()
        gone(orphans.result())


def test_workers_that_keep_dying_end_the_run(monkeypatch):
    monkeypatch.setattr(joblib_tasks, "live", _die)
    with opened("joblib") as islands, pytest.raises(BackendError, match="memory"):
        islands.create()


def _die(shared, task):
    os.kill(os.getpid(), signal.SIGKILL)


def test_ctrl_c_ends_a_round_and_leaves_the_run_as_it_was():
    parameters = SMALL.replace(births_per_tick=5000, population_size=5000)
    with opened("joblib", parameters=parameters, exchange_interval=5000, sandbox="on") as islands:
        islands.create()
        timer = threading.Timer(1.0, signal.raise_signal, (signal.SIGINT,))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            islands.advance(5000)
        timer.join()
        assert islands.tick == 0
        islands.advance(1)
    none_left("vgp-sandbox")
