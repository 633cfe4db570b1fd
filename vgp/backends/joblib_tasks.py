"""Tasks in joblib: processes of this machine (loky), threads, or whatever `joblib.parallel_config` says - Dask, Ray, Spark."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from vgp.backends.executors import Executor
from vgp.backends.task import Lived, Shared, Task, live
from vgp.errors import BackendError, MissingLibrary

MOST_LOSSES = 3  # of workers, before the run is given up


class JoblibTasks(Executor):
    """The backend that is in force when the run is opened; where it says nothing about n_jobs, a worker for each task, `jobs`."""

    def __init__(self, jobs: int) -> None:
        try:
            import joblib
        except ImportError:
            raise MissingLibrary("the joblib backend needs joblib: pip install 'vcloud[dask]'") from None
        self._delayed = joblib.delayed
        ambient = joblib.Parallel().n_jobs
        self._opened = contextlib.ExitStack()
        # held open over all rounds: workers stay, and large arrays are handed over once
        n_jobs = jobs if ambient in (None, 1) else ambient
        self._parallel = self._opened.enter_context(joblib.Parallel(n_jobs, batch_size=1, pre_dispatch="all"))

    def share(self, shared: Shared) -> Shared:
        """It goes with each task; joblib maps large arrays from a file that it writes once."""
        return shared

    def run(self, handle: Shared, tasks: Sequence[Task]) -> list[Lived]:
        for _ in range(MOST_LOSSES):
            with contextlib.suppress(BrokenProcessPool):  # a worker was killed: the tasks are pure, so all are run again
                done: list[Any] = self._parallel(self._delayed(live)(handle, task) for task in tasks)
                return done
        raise BackendError(f"joblib lost its workers {MOST_LOSSES} times in one round; is there enough memory for {len(tasks)}?")

    def close(self) -> None:
        self._opened.close()
