"""The mesh as a backend: what it leaves, and that it leaves nothing else."""

import importlib.metadata
import os
import signal
import sys
import tempfile
import threading

import numpy as np
import pytest

from tests.backends.processes import below, until
from tests.island.tables import SMALL
from vgp.backends import Mesh, backend, open_islands
from vgp.dataset import Dataset
from vgp.errors import BackendError, InputError
from vgp.island import Island
from vmesh.launcher.embedded import Embedded, in_main_thread


def law(**more):
    """Columns whose names are no words of a command line."""
    X = np.random.default_rng(3).uniform(0.5, 2.0, (60, 2))
    return Dataset.from_arrays(X, 3 * X[:, 0] * X[:, 1], names=["a b,=c", "y"], target="y", **more)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Temporary files of the run, of which none may be left; and no worker."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert not list(tmp_path.iterdir())
    until(lambda: not any("vmesh worker" in line or "vgp-sandbox" in line for line in below(os.getpid()).values()), "workers")


def found(front, _evaluations=0):
    """Ends the run as soon as the law is known."""
    return front.best.loss < 1e-9


def test_a_mesh_finds_a_law_and_leaves_nothing(folder):
    seen = []
    harvest = Embedded().evolve(
        law(), SMALL, seconds=60, jobs=2, seed=1, look=lambda *args: seen.append(args) or found(*args)
    )
    assert harvest.workers == 2 and not harvest.interrupted
    assert harvest.front.best.r2 == pytest.approx(1)
    assert harvest.evaluations >= seen[-1][1] > 0
    assert harvest.front.best.names == law().names


def test_rows_count_as_their_weights_say(folder):
    """Half of the rows follow another law and weigh nothing; in a thread, where no signal comes."""
    X = np.random.default_rng(3).uniform(0.5, 2.0, (60, 1))
    weights = np.repeat([1.0, 0.0], 30)
    y = np.where(weights > 0, 3 * X[:, 0] ** 2, -X[:, 0])
    harvested, main = [], []

    def work():
        main.append(in_main_thread())
        dataset = Dataset.from_arrays(X, y, names=["weights"], weights=weights)
        harvested.append(Embedded().evolve(dataset, SMALL, seconds=60, jobs=1, look=found))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert main == [False]
    assert harvested[0].front.best.loss < 1e-9


def test_units_hold_in_a_mesh(folder):
    X = np.random.default_rng(3).uniform(0.5, 2.0, (60, 2))
    dataset = Dataset.from_arrays(X, X[:, 0] + X[:, 1], names=["d", "t"], target="v").with_units({"d": "m", "t": "s"}, "m/s")
    harvest = Embedded().evolve(dataset, SMALL, seconds=2, jobs=1)
    with Island(dataset, SMALL, sandbox="off") as judge:
        assert all(judge.admits(entry.nodes) for entry in harvest.front)
    assert harvest.front.best.loss < 1e-6
    assert all(entry.size > 3 for entry in harvest.front if entry.loss < 1e-3)  # not d + t: a constant stands between them
    with pytest.raises(InputError, match="without commas"):
        Embedded().evolve(law().with_units({"a b,=c": "m"}, "m"), SMALL, seconds=1, jobs=1)


def test_ctrl_c_keeps_what_was_found(folder):
    before = signal.getsignal(signal.SIGINT)
    harvest = Embedded().evolve(law(), SMALL, seconds=600, jobs=1, look=lambda *_: signal.raise_signal(signal.SIGINT))
    assert harvest.interrupted and len(harvest.front)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_of_the_program_ends_the_workers(folder):
    def look(front, evaluations):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Embedded().evolve(law(), SMALL, seconds=600, jobs=2, look=look)


def test_workers_that_cannot_work_say_why(folder):
    program = [sys.executable, "-c", "import sys; print('vmesh: the moon is full'); sys.exit(2)"]
    with pytest.raises(BackendError, match="without a formula: the moon is full"):
        Embedded(program).evolve(law(), SMALL, seconds=60, jobs=1)


def test_a_mesh_is_found_by_its_name_and_is_not_ticked(monkeypatch):
    entry = importlib.metadata.EntryPoint("mesh", "vmesh.launcher.embedded:Embedded", "vgp.backends")
    installed = importlib.metadata.EntryPoints([entry])
    monkeypatch.setattr("vgp.backends.registry.entry_points", installed.select)
    assert isinstance(backend("mesh"), Mesh)
    with pytest.raises(InputError, match="by itself"):
        open_islands("mesh", law(), SMALL)
    with pytest.raises(InputError, match="threads, joblib, serial, mesh"):
        backend("mush")


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": 1, "jobs": 0}, {"seconds": float("nan")}])
def test_what_cannot_be_done_is_told_at_once(wrong):
    with pytest.raises(InputError, match="above 0"):
        Embedded().evolve(law(), SMALL, **wrong)
