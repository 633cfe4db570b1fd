"""What one worker is told when it is started: where it stands, what it works on, whom it asks first."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from vmesh.errors import SettingsError
from vmesh.settings import Settings

MOST_NAME_BYTES = 80
MOST_INDEX = 4095


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the table are meant; None: all columns of numbers."""

    target: str
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    weights: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """The command line of `vmesh worker`, checked."""

    checkpoint_dir: Path
    hostname: str
    index: int
    data: str  # a file, a folder, or s3://bucket/key
    target: str
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    weights: str | None = None
    seeds: tuple[str, ...] = ()  # "host:port"
    settings: Settings = field(default_factory=Settings)
    data_checksum: str | None = None  # SHA-256, hexadecimal
    ready_fd: int | None = None  # one line of JSON goes there once the worker takes part

    def __post_init__(self) -> None:
        checked_name(self.hostname, self.index)
        if self.port > 0 and self.admin_port >= 1 << 16:
            raise SettingsError(f"worker {self.index} would need port {self.admin_port}; choose a smaller network.port")
        if self.data_checksum is not None and not re.fullmatch(r"[0-9a-f]{64}", self.data_checksum):
            raise SettingsError("--data-checksum: give a SHA-256 as 64 hexadecimal digits")

    @property
    def name(self) -> str:
        """The worker's name in the mesh."""
        return f"{self.hostname}/{self.index}"

    @property
    def port(self) -> int:
        """Where it receives messages; 0: any free port."""
        return mesh_port(self.settings.network.port, self.index)

    @property
    def admin_port(self) -> int:
        """Where it answers administrators; 0: any free port."""
        return self.port + 1 if self.port else 0


def mesh_port(first: int, index: int) -> int:
    """The port of worker `index`, where the machine's first is `first`; its admin port is the one after it. 0: any free port."""
    return first + 2 * index if first else 0


def checked_name(hostname: str, index: int) -> str:
    """The worker's name. Raises SettingsError for one that would not travel."""
    name = f"{hostname}/{index}"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", hostname) or len(name.encode()) > MOST_NAME_BYTES:
        raise SettingsError(f"--hostname {hostname}: use letters, digits, '.', '-' and '_', {MOST_NAME_BYTES - 5} at most")
    if not 0 <= index <= MOST_INDEX:
        raise SettingsError(f"--index {index}: give a whole number from 0 to {MOST_INDEX}")
    return name
