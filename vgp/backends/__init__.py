"""Where islands live: in threads of this process, in tasks of joblib or Dask, in a mesh of workers.

    islands.py       what they are to those who drive them: Islands, Start; Mesh, Harvest
    registry.py      a backend by its name, or from an object of the user's
    threads.py       "threads": vgp.Archipelago
    rounds.py        islands as tasks: rounds with an exchange between them
    task.py          one island for some ticks, a pure function        tasks.py           rounds on an executor, as a backend
    executors.py     who runs tasks: Executor, "serial"                joblib_tasks.py    dask_tasks.py
    pace.py          how many ticks to ask for, by the clock or by evaluations

    with open_islands("threads", dataset, parameters, jobs=2, seed=1) as islands:
        islands.create()
        islands.advance(100)
        front = islands.polished(islands.front_on_all_rows())
"""

from __future__ import annotations

from typing import Any

from vgp.backends.islands import Harvest, Islands, Mesh, Start, SteppedBackend
from vgp.backends.registry import backend
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.own_loss import LossFunction
from vgp.parameters import Parameters

__all__ = ["Harvest", "Islands", "Mesh", "Start", "SteppedBackend", "backend", "open_islands"]


def open_islands(
    what: Any,
    dataset: Dataset,
    parameters: Parameters | None = None,
    *,
    jobs: int | None = None,
    seed: int = 0,
    sandbox: str = "on",
    loss_function: LossFunction | None = None,
    exchange_interval: int | None = None,
    state: bytes | None = None,
) -> Islands:
    """Islands on a backend: a context manager, to be closed.

    what: see `backend`; a mesh cannot be opened, it is asked to `evolve`.
    jobs: how many islands; None: one.
    state: of `Islands.state`, from whichever backend: its islands go on, with its jobs, seed and parameters.

    Raises InputError (an unknown backend, unusable data or parameters), SandboxError, CheckpointError (of a state).
    """
    found = backend(what)
    if not isinstance(found, SteppedBackend):
        raise InputError(f"the backend {what!r} evolves by itself for some seconds; it cannot be advanced tick by tick")
    start = Start(dataset, parameters, 1 if jobs is None else jobs, seed, sandbox, loss_function, exchange_interval, state)
    return found.open(start)
