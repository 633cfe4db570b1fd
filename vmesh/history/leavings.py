"""Histories of workers that have left, or were killed, each as one file with all that was committed."""

from __future__ import annotations

import contextlib
import gzip
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vmesh.history.reader import END

LARGEST = 1 << 26  # bytes of a file; with an interval of 5 s that is some months

log = logging.getLogger(__name__)


def leavings(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content, compressed by gzip, of each in the folder; what cannot be read is told about and left out."""
    for path in sorted(folder.glob(f"worker-*{END}")):
        try:
            with tempfile.TemporaryDirectory() as aside:
                copy = settled(path, Path(aside))
                yield path.name, gzip.compress(copy.read_bytes(), 1)
        except (sqlite3.Error, OSError, ValueError) as error:
            log.warning("the history %s is not sent: %s", path, error)


def settled(path: Path, folder: Path) -> Path:
    """A copy in another folder: what was written ahead is in the file itself. Raises OSError, sqlite3.Error, ValueError."""
    copy = folder / path.name
    for end in ("", "-wal"):
        source = path.with_name(f"{path.name}{end}")
        if source.exists():
            if source.stat().st_size > LARGEST:
                raise ValueError(f"it is larger than {LARGEST} bytes")
            shutil.copyfile(source, f"{copy}{end}")
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return copy
