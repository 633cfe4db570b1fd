"""Tasks on a Dask cluster: that of a `distributed.Client` which the user made, on this machine or on a thousand.

A task that is lost with its worker is given to another one by the scheduler. The table, which the workers hold, is sent again when
all that held it are gone.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from vgp.backends.executors import Executor
from vgp.backends.task import Lived, Shared, Task, live
from vgp.errors import BackendError, InputError, MissingLibrary

LOOK_SECONDS = 0.5  # between two looks whether Ctrl-C was pressed or workers are left
MOST_LOSSES = 5  # of a task, or of the table, before the run is given up
PATIENCE = 60.0  # seconds without any worker


class DaskTasks(Executor):
    """`client` stays the user's: it is neither closed nor changed."""

    def __init__(self, client: Any) -> None:
        try:
            import distributed
        except ImportError:
            raise MissingLibrary("the Dask backend needs distributed: pip install 'vcloud[dask]'") from None
        if client.asynchronous:
            raise InputError("the Dask backend needs a client that waits; make it with asynchronous=False")
        self._distributed: Any = distributed
        self._client = client
        self._shared: Shared | None = None
        self._held: Any = None  # the future of what is shared
        self._alone_since: float | None = None  # there is no worker

    def share(self, shared: Shared) -> None:
        self._shared = shared

    def run(self, handle: None, tasks: Sequence[Task]) -> list[Lived]:
        waiting = dict(enumerate(tasks))
        done: dict[int, Lived] = {}
        for _ in range(MOST_LOSSES):
            with self._submitted(waiting) as futures:
                for index, lived in self._as_they_come(futures):
                    done[index] = lived
                    del waiting[index]
            if not waiting:
                return [done[index] for index in range(len(tasks))]
            self._let_go()  # the last worker that held the table is gone, and the tasks with it
        raise BackendError(f"the Dask cluster lost {len(waiting)} tasks {MOST_LOSSES} times; look at its workers' logs")

    def close(self) -> None:
        self._let_go()

    @contextlib.contextmanager
    def _submitted(self, tasks: dict[int, Task]) -> Iterator[dict[Any, int]]:
        """Futures of the tasks; none is left with the scheduler when the block ends, however it ends."""
        futures: dict[Any, int] = {}
        try:
            held = self._table()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that a state is large
                for index, task in tasks.items():
                    futures[self._client.submit(live, held, task, pure=False)] = index
            yield futures
        finally:
            with contextlib.suppress(Exception):  # a cluster that is gone holds nothing
                self._client.cancel([future for future in futures if not future.done()], force=True)
            for future in futures:
                future.release()

    def _as_they_come(self, futures: dict[Any, int]) -> Iterator[tuple[int, Lived]]:
        """Results; a future that the scheduler dropped gives none."""
        waiting = set(futures)
        while waiting:
            with contextlib.suppress(TimeoutError, CancelledError):
                self._distributed.wait(list(waiting), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
            self._refuse_to_wait_forever()
            for future in [future for future in waiting if future.done()]:
                waiting.remove(future)
                with contextlib.suppress(CancelledError):
                    yield futures[future], self._result(future)

    def _result(self, future: Any) -> Lived:
        try:
            return future.result()
        except self._distributed.KilledWorker as error:
            raise BackendError(f"Dask workers die of a task, one after the other; is there enough memory? ({error})") from None

    def _table(self) -> Any:
        """The shared part on every worker that there is; a later one fetches it from them."""
        if self._held is None:
            try:
                self._client.wait_for_workers(1, timeout=PATIENCE)
                self._held = self._client.scatter(self._shared, broadcast=True, hash=False, timeout=PATIENCE)
            except (TimeoutError, OSError) as error:
                raise BackendError(f"the Dask cluster has no worker that takes the table: {error or 'none came'}") from None
        return self._held

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release()

    def _refuse_to_wait_forever(self) -> None:
        now = time.monotonic()
        if self._client.nthreads():
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE:
            raise BackendError(f"the Dask cluster has had no worker for {PATIENCE:.0f} s; start some, or scale it up")
