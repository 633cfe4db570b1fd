"""Rounds on a Dask cluster of processes on this machine."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.backends.processes import below, gone, kill_a_worker, none_left, until, working
from tests.backends.runs import LARGER, LONGER, LONGER_TICKS, opened, outcome, run, undisturbed
from vgp.backends import backend, dask_tasks
from vgp.errors import BackendError, FormulaError, InputError

distributed = pytest.importorskip("distributed")


def cluster(workers):
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    )


@pytest.fixture(scope="module")
def client():
    with cluster(2) as local, distributed.Client(local) as client:
        yield client
    none_left("vgp-sandbox")
    assert not any("spawn_main" in line for line in below(os.getpid()).values())


def nothing_left(client):
    """The scheduler has forgotten every task and every piece of data."""
    until(lambda: not client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)), "tasks are left")


def test_dask_does_what_serial_does(client):
    assert run(client, sandbox="on") == run("serial", sandbox="on")
    nothing_left(client)


def test_more_islands_than_workers_and_a_loss_in_python(client):
    offset = 0.25
    more = {"jobs": 5, "loss_function": lambda outputs, target: ((outputs - target - offset) ** 2).mean(axis=1)}
    assert run(client, (5,), **more) == run("serial", (5,), **more)


def test_joblib_does_it_on_dask(client):
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config(backend="dask"):
        assert run("joblib", (5,)) == run("serial", (5,))


def test_an_error_of_a_task_is_what_the_user_sees(client):
    with opened(client) as islands, pytest.raises(FormulaError, match="nowhere"):
        islands.create(["a + nowhere"])
    nothing_left(client)


def test_a_worker_that_is_killed_costs_time_only(client):
    disturbed(client)


def test_the_only_worker_is_killed_and_the_table_lost_with_it():
    with cluster(1) as local, distributed.Client(local) as alone:
        disturbed(alone)


def disturbed(client):
    """A run in which a worker is killed while it works; it ends as if that had not been, and leaves nothing."""
    with opened(client, **LONGER) as islands:
        islands.create(["2*a + b"])
        with ThreadPoolExecutor(1) as side:
            orphans = side.submit(kill_a_worker, os.getpid())
            islands.advance(LONGER_TICKS)
        assert outcome(islands) == undisturbed()
        gone(orphans.result())
    nothing_left(client)


def test_ctrl_c_ends_a_round_and_leaves_nothing_with_the_cluster(client):
    def interrupt():
        until(lambda: working(os.getpid()), "nobody works")
        signal.raise_signal(signal.SIGINT)

    def interrupted():
        thread.start()
        islands.advance(500)

    thread = threading.Thread(target=interrupt)
    with opened(client, parameters=LARGER, exchange_interval=500, sandbox="on") as islands:
        islands.create()
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        thread.join()
        assert islands.tick == 0
        assert len(islands.front())
    nothing_left(client)
    none_left("vgp-sandbox")


def test_a_cluster_without_workers_is_told(monkeypatch):
    monkeypatch.setattr(dask_tasks, "PATIENCE", 0.2)
    told = pytest.raises(BackendError, match="no worker")
    with cluster(0) as local, distributed.Client(local) as client, opened(client) as islands, told:
        islands.create()


def test_a_client_that_does_not_wait_is_refused():
    class Client(distributed.Client):
        asynchronous = True

        def __init__(self):
            """Not connected."""

        def __del__(self):
            """Nothing to close."""

    with pytest.raises(InputError, match="asynchronous"):
        opened(Client())
    assert backend(Client())
