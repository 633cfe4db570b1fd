"""The folder of one local cloud, and the names of everything that it makes outside of it.

Several clouds can run at once: each has a folder, and a tag made from the folder's path begins the name of every network namespace,
control group and machine. So what a killed cloud left behind can be found and removed, and another's is never touched.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError

FOLDER = "/var/lib/vcloud/local"
CACHE = "/var/cache/vcloud"
HOST_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class State:
    """Where a cloud keeps what it knows; `cache` is shared by all clouds of this machine."""

    folder: Path
    cache: Path

    @property
    def tag(self) -> str:
        """Begins every name that leaves the folder; the same folder always gives the same tag."""
        return "vc" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]

    @property
    def hosts(self) -> Path:
        return self.folder / "hosts"

    @property
    def daemon_file(self) -> Path:
        return self.folder / "daemon.json"

    @property
    def control_socket(self) -> Path:
        return self.folder / "control"

    @property
    def log_file(self) -> Path:
        return self.folder / "log"

    @property
    def key_file(self) -> Path:
        """The secret ssh key of plain hosts; instances have the key pair that their launch names."""
        return self.folder / "id_ed25519"

    def make(self) -> None:
        """Make the folder, for root alone: it holds keys."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.hosts.mkdir(mode=0o700, exist_ok=True)

    def daemon(self) -> dict | None:
        """What a living daemon wrote about itself; None if there is none."""
        facts = read_json(self.daemon_file)
        return facts if facts and same_process(facts["pid"], facts["began"]) else None

    @contextlib.contextmanager
    def locked(self, name: str = "lock") -> Iterator[None]:
        """One process at a time does what must not be done twice."""
        self.make()
        with lock(self.folder / name):
            yield


def from_environment() -> State:
    """The cloud that VCLOUD_LOCAL and VCLOUD_CACHE name.

    Raises:
        LocalCloudError: a path that mount options cannot hold
    """
    folder = Path(os.environ.get("VCLOUD_LOCAL") or FOLDER).absolute()
    cache = Path(os.environ.get("VCLOUD_CACHE") or CACHE).absolute()
    for path in (folder, cache):
        if re.search(r"[:,\\\s]", str(path)):
            raise LocalCloudError(f"{path}: the path holds a colon, comma, backslash or blank, which overlay mounts do not allow")
    return State(folder, cache)


def checked_host_name(name: str) -> str:
    """The name itself; raises LocalCloudError if a host cannot be called so."""
    if not HOST_NAME.fullmatch(name):
        raise LocalCloudError(f"{name!r} cannot be a host's name: use up to 40 of a-z, 0-9 and -")
    return name


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_json(path: Path, value: object) -> None:
    """Whole or not at all, readable by its owner alone."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(value, file, indent=1)
    part.replace(path)


def read_json(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def beginning_of(pid: int) -> int | None:
    """When a process began, in clock ticks since boot: tells it from a later one with its number. None: no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def same_process(pid: int, began: int) -> bool:
    return beginning_of(pid) == began
