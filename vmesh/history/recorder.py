"""Writes a worker's history: a row each interval, by the network thread, which does not wait for the disk.

The file is written ahead (WAL): kill -9 at any moment loses nothing that was committed, a power cut at most the last rows. A disk
that is full is told about once and ends nothing. A file that is damaged is set aside, and a new one begun.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from vmesh.admin.protocol import plain
from vmesh.figures.record import Figures
from vmesh.history.schema import FORMAT, SCHEMA, packed
from vmesh.history.thinning import thin

THIN_SECONDS = 600.0
ROW = "INSERT INTO figures (time, incarnation, tick, evaluations, pace, living, best_loss, record) VALUES (?,?,?,?,?,?,?,?)"
# What stands in ROW before the record, by its names in Figures.
COLUMNS = ("written", "incarnation", "tick", "evaluations", "evaluations_per_second", "living", "best_loss")
AGAIN = 60.0  # s after which a file that could not be written is tried again

log = logging.getLogger(__name__)


class Recorder:
    """For one thread.

    Args:
        path: the file.
        figures: gives the figures, with the front unless it has that version.
        interval: gives the seconds between two rows; 0: none now.
    """

    def __init__(self, path: Path, figures: Callable[[str], Figures], interval: Callable[[], float]) -> None:
        self.path = path
        self._figures, self._interval = figures, interval
        self._connection: sqlite3.Connection | None = None
        self._due = -math.inf
        self._thin_due = -math.inf
        self._front = ""
        self._told = False

    def next_timer(self) -> float:
        """When a row is due."""
        return self._due if self._interval() else math.inf

    def advance(self, now: float) -> None:
        """Writes a row when one is due. Never raises."""
        interval = self._interval()
        if not interval or now < self._due:
            return
        self._due = now + interval
        try:
            self._write(self._opened(), now)
            self._told = False
        except (sqlite3.Error, OSError, ValueError) as error:
            self._trouble(error, now)

    def close(self) -> None:
        """The last row, and the file whole. Never raises."""
        self._due = -math.inf
        if self._connection is not None:
            self.advance(0.0)
        self._let_go()

    def _write(self, connection: sqlite3.Connection, now: float) -> None:
        told = self._figures(self._front)
        content = plain(told)
        front = content.pop("front")
        content.pop("lines")  # the journal has them
        row = [content[name] for name in COLUMNS]
        with connection:
            connection.execute(ROW, (*row, packed(content)))
            if front is not None:
                connection.execute(
                    "INSERT INTO front (time, version, rows) VALUES (?,?,?)", (told.written, told.front_version, packed(front))
                )
            if now >= self._thin_due:
                self._thin_due = now + THIN_SECONDS
                thin(connection, told.written)
        self._front = told.front_version

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = opened(self.path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                aside = set_aside(self.path)
                log.warning("the history %s is damaged (%s); it is now %s, and a new one begins", self.path, error, aside.name)
                self._connection = opened(self.path)
        return self._connection

    def _trouble(self, error: Exception, now: float) -> None:
        if not self._told:
            log.warning("the history %s cannot be written: %s; evolution goes on", self.path, error)
        self._told = True
        self._due = now + AGAIN
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        self._let_go()
        self._front = ""
        if damaged:
            with contextlib.suppress(OSError):
                set_aside(self.path)

    def _let_go(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def opened(path: Path) -> sqlite3.Connection:
    """A connection to a file that is a history, or becomes one. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(SCHEMA)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (FORMAT,))
        connection.commit()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def set_aside(path: Path) -> Path:
    """Renames a damaged file; returns its new name."""
    aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
    os.replace(path, aside)
    for end in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}{end}")
    return aside
