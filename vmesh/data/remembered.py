"""The newest announcement that a worker moved to, beside its checkpoints: a restart begins on that table, not on the first one."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

from vgp.atomic_file import atomic_write
from vmesh.messages import DataAnnouncement


def remember(path: str | os.PathLike[str], announcement: DataAnnouncement) -> None:
    """Writes it, atomically. Raises CheckpointError."""
    atomic_write(path, json.dumps(asdict(announcement)).encode() + b"\n")


def recall(path: str | os.PathLike[str]) -> DataAnnouncement | None:
    """What was written, or None if there is nothing, or nothing whole."""
    try:
        with open(path, "rb") as file:
            fields = json.loads(file.read(1 << 16))
        announcement = DataAnnouncement(**fields)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = (announcement.url, announcement.checksum, announcement.target)
    whole = type(announcement.version) is int and announcement.version > 0 and all(isinstance(text, str) for text in texts)
    return announcement if whole else None
