"""A backend by its name, or from an object of the user's. Names that vgp does not know come from entry points of other packages."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from vgp.backends.executors import Executor, Serial
from vgp.backends.islands import Backend, Mesh, SteppedBackend
from vgp.backends.tasks import Tasks
from vgp.errors import InputError, VgpError

GROUP = "vgp.backends"  # of entry points: each a callable without arguments that gives a backend


def backend(what: Any) -> Backend:
    """The backend that an argument `backend=` means: a name ("threads", "joblib", "serial", or one of an installed package), a
    `distributed.Client`, an `Executor`, or a backend itself.

    Raises InputError for what is none, naming those that there are.
    """
    if isinstance(what, str):
        return _named(what)
    if _is_dask_client(what):
        return _dask(what)
    if isinstance(what, Executor) and not isinstance(what, type):
        return Tasks(lambda jobs: what)
    if isinstance(what, SteppedBackend | Mesh) and not isinstance(what, type):
        return what
    raise InputError(f"{type(what).__name__} is no backend; choose {_choices()}")


def _threads() -> Backend:
    from vgp.backends.threads import Threads

    return Threads()


def _serial() -> Backend:
    return Tasks(lambda jobs: Serial())


def _joblib() -> Backend:
    from vgp.backends.joblib_tasks import JoblibTasks

    return Tasks(JoblibTasks)


def _dask(client: Any) -> Backend:
    from vgp.backends.dask_tasks import DaskTasks

    return Tasks(lambda jobs: DaskTasks(client))


OWN: dict[str, Callable[[], Backend]] = {"threads": _threads, "joblib": _joblib, "serial": _serial}


def _is_dask_client(what: Any) -> bool:
    """Told without loading Dask: who has a client has loaded it."""
    return any((kind.__module__.partition(".")[0], kind.__name__) == ("distributed", "Client") for kind in type(what).__mro__)


def _named(name: str) -> Backend:
    if name in OWN:
        return OWN[name]()
    for entry in entry_points(group=GROUP, name=name):
        try:
            found: Backend = entry.load()()
        except VgpError:
            raise
        except Exception as error:
            raise InputError(f"the backend {name!r} of {entry.value} cannot be loaded: {error}") from None
        return found
    raise InputError(f"there is no backend named {name!r}; choose {_choices()}")


def _choices() -> str:
    others = {entry.name for entry in entry_points(group=GROUP)} - OWN.keys()
    return ", ".join((*OWN, *sorted(others))) + ", or give a distributed.Client"
