"""Which meshes of this user run on this machine: one small file for each launcher, so that `vmesh console` needs no address.

The files stand in $XDG_RUNTIME_DIR/vmesh, or else in /tmp/vmesh-UID, a folder that only its owner can enter. A file counts
as long as the process that wrote it lives; files of the dead are removed by whoever comes by.
"""

import contextlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vgp.atomic_file import atomic_write
from vgp.errors import CheckpointError
from vmesh.errors import MeshError


@dataclass(frozen=True)
class Runtime:
    """A running mesh: where its workers answer administrators, and the folder of its keys (empty: none)."""

    admin_addresses: tuple[str, ...]
    keys: str
    pid: int  # of the process that keeps the file
    since: int  # when that process was started, in the kernel's ticks: another process with its pid is another process


def folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder of the files, made if needed. Raises MeshError for one that somebody else could write to."""
    environment = os.environ if environment is None else environment
    base = environment.get("XDG_RUNTIME_DIR")
    path = Path(base, "vmesh") if base and os.path.isdir(base) else Path(f"/tmp/vmesh-{os.getuid()}")
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()
    except OSError as error:
        raise MeshError(f"{path}: cannot be made: {(error.strerror or str(error)).lower()}; set XDG_RUNTIME_DIR") from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise MeshError(f"{path}: must be a folder of yours with mode 700; remove it, or set XDG_RUNTIME_DIR")
    return path


def write(admin_addresses: tuple[str, ...], keys: str) -> Path:
    """Tells about the mesh of this process, or tells anew; returns the file. Raises MeshError."""
    runtime = Runtime(admin_addresses, str(Path(keys).resolve()) if keys else "", os.getpid(), started(os.getpid()))
    path = folder() / f"{runtime.pid}.json"
    try:
        atomic_write(path, json.dumps(asdict(runtime)).encode())
    except CheckpointError as error:
        raise MeshError(str(error)) from None
    return path


def withdraw() -> None:
    """Takes back what `write` told. Never raises."""
    with contextlib.suppress(OSError, MeshError):
        (folder() / f"{os.getpid()}.json").unlink()


def newest() -> Runtime:
    """The running mesh that was started last. Raises MeshError if there is none."""
    found = sorted(running(), key=lambda runtime: runtime.since)
    if not found:
        raise MeshError("no mesh of yours is running on this machine; start one with vmesh up, or name a worker's admin address")
    return found[-1]


def running() -> Iterator[Runtime]:
    """All running meshes of this user on this machine."""
    for path in folder().glob("*.json"):
        runtime = _read(path)
        if runtime is not None and started(runtime.pid) == runtime.since:
            yield runtime
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def started(pid: int) -> int:
    """When a process was started, in ticks since the machine was; -1: there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return -1 if fields[0] in "ZX" else int(fields[19])
    except (OSError, ValueError, IndexError):
        return -1


def _read(path: Path) -> Runtime | None:
    try:
        content: Any = json.loads(path.read_text())
        addresses = tuple(str(address) for address in content["admin_addresses"])
        return Runtime(addresses, str(content["keys"]), int(content["pid"]), int(content["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
