"""Islands of an estimator wherever cores are: the same formulas from tasks whoever runs them, and those of a mesh."""

import distributed
import numpy as np
import pytest

from vgp import SymbolicRegressor
from vgp.errors import InputError


def noisy(rows=120):
    rng = np.random.default_rng(0)
    X = rng.uniform(1, 3, (rows, 2))
    return X, X[:, 0] / X[:, 1] + 0.1 * rng.normal(size=rows)


@pytest.fixture(scope="module")
def serial():
    return SymbolicRegressor(evaluations=60_000, n_jobs=2, backend="serial", random_state=1).fit(*noisy())


def assert_same(one, other):
    assert one.equations_.equals(other.equations_)
    assert one.evaluations_ == other.evaluations_


def test_tasks_of_joblib_give_the_same_formulas(serial):
    assert serial.evaluations_ >= 60_000
    assert_same(SymbolicRegressor(**serial.get_params()).set_params(backend="joblib").fit(*noisy()), serial)


def test_a_dask_cluster_gives_the_same_formulas(serial):
    cluster = distributed.LocalCluster(2, threads_per_worker=1, processes=False, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        assert_same(SymbolicRegressor(**serial.get_params()).set_params(backend=client).fit(*noisy()), serial)


def test_tasks_end_with_the_seconds():
    fitted = SymbolicRegressor(seconds=3, n_jobs=2, backend="serial", random_state=1).fit(*noisy())
    assert fitted.score(*noisy()) > 0.8


def test_callbacks_look_between_the_rounds_of_tasks():
    ticks = []
    watch = SymbolicRegressor(evaluations=60_000, backend="serial", random_state=1, callbacks=lambda p: ticks.append(p.tick))
    watch.fit(*noisy())
    assert ticks
    assert ticks == sorted(ticks)


def test_a_warm_start_goes_from_tasks_to_threads(serial):
    warm = SymbolicRegressor(evaluations=10_000, backend="serial", random_state=1, warm_start=True).fit(*noisy())
    ticks = warm.history_["tick"][-1]
    assert warm.set_params(backend="threads").fit(*noisy()).history_["tick"][-1] > ticks


def test_the_mesh_of_this_machine_evolves_for_some_seconds():
    from vmesh.launcher.embedded import Embedded

    fitted = SymbolicRegressor(seconds=3, n_jobs=2, backend=Embedded(), random_state=1).fit(*noisy())
    assert fitted.score(*noisy()) > 0.8
    assert fitted.evaluations_ > 0
    assert len(fitted.history_) == 0


@pytest.mark.parametrize(
    ("more", "said"), [({}, "give seconds"), ({"seconds": 1, "early_stopping": True}, "takes no loss in Python")]
)
def test_what_a_mesh_cannot_do_is_said(more, said):
    from vmesh.launcher.embedded import Embedded

    with pytest.raises(InputError, match=said):
        SymbolicRegressor(backend=Embedded(), random_state=1, **more).fit(*noisy())
