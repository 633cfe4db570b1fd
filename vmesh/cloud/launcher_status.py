"""What the launcher of this machine says about its workers: the file that vmesh/launcher/status_file.py writes each second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vgp.errors import InputError
from vmesh.cloud import plain

LARGEST = 1 << 20  # bytes
STALE = 10.0  # seconds after which it says nothing any more: the launcher is gone, or hangs


@dataclass(frozen=True)
class LauncherStatus:
    """As the launcher wrote it at `written`, seconds since 1970."""

    written: float
    state: str
    workers: int
    workers_evolving: int
    evaluations: int = 0
    evaluations_per_second: float = 0.0
    best_loss: float | None = None
    r2: float | None = None
    formula: str = ""
    mesh: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()


def look(path: str, now: float) -> LauncherStatus | None:
    """None: there is none, or an old one, or what is there is no status."""
    try:
        with open(Path(path), "rb") as file:
            found = plain.read(file.read(LARGEST + 1), LauncherStatus, path, LARGEST)
    except (OSError, InputError):
        return None
    return found if abs(now - found.written) < STALE else None
