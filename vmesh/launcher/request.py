"""What a launcher is asked to do, and what it needs of a table."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vgp.dataset import Dataset
from vmesh.launcher.observer import Inquirer
from vmesh.launcher.plan import WORKER_PROGRAM
from vmesh.options import Columns
from vmesh.settings import Settings


class Table(Protocol):
    """What the launcher needs of a prepared table (vmesh.data.Prepared)."""

    @property
    def dataset(self) -> Dataset: ...
    @property
    def data_file(self) -> Path: ...
    @property
    def checksum(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def notices(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Request:
    """The command line of `vmesh up`. `program`, `fetch` and `ask` are what tests put something else for."""

    data: str
    columns: Columns
    settings: Settings
    hostname: str
    seeds: tuple[str, ...] = ()
    checkpoint_dir: str | None = None
    seconds: float | None = None
    save: str | None = None
    quiet: bool = False
    json: bool = False
    told: bool = True  # systemd, and whoever starts `vmesh console`, are told of this mesh
    program: tuple[str, ...] = WORKER_PROGRAM
    fetch: "Callable[[Request], Table] | None" = None
    ask: "Callable[[], Inquirer] | None" = None
