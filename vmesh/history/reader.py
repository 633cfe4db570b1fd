"""Reads histories: of running workers, of runs that have ended, of files that were cut off or damaged on their way."""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from bisect import bisect_right
from pathlib import Path
from typing import Any

from vgp.errors import InputError
from vmesh.figures.record import Figures, FrontRow, front, read
from vmesh.history.schema import FORMAT, unpacked

END = ".history.sqlite"
NAME = re.compile(rf"worker-[0-9]{{1,6}}{re.escape(END)}")
CURVES = ("time", "best_loss", "pace", "tick", "evaluations", "living")


class History:
    """One worker's file. Whatever stands in it, only InputError is raised: for a file that is no history."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = connected(path)
            found = dict(self._connection.execute("SELECT name, value FROM meta").fetchall())
            times = self._connection.execute("SELECT time, id FROM figures ORDER BY time").fetchall()
        except (sqlite3.Error, OSError, ValueError) as error:
            raise InputError(f"{path}: is no history, or is damaged: {error}") from None
        if found.get("format") != FORMAT:
            raise InputError(f"{path}: is a history of another version")
        known = [(float(time), int(row)) for time, row in times if isinstance(time, (int, float)) and isinstance(row, int)]
        self.times = [time for time, _ in known]
        self._ids = [row for _, row in known]

    def at(self, moment: float) -> Figures | None:
        """The last figures before or at this moment, with the front of then; None: there are none yet."""
        place = bisect_right(self.times, moment) - 1
        while place >= 0:
            rows = self._rows("SELECT record FROM figures WHERE id = ?", self._ids[place])
            figures = read(unpacked(rows[0][0])) if rows else None
            if figures is not None:
                return _with_front(figures, self._front_at(moment))
            place -= 1
        return None

    def curves(self, points: int, since: float = 0.0) -> dict[str, list[Any]]:
        """Columns of at most so many rows, evenly spread, the last one among them."""
        rows = self._rows(f"SELECT {', '.join(CURVES)} FROM figures WHERE time >= ? ORDER BY time", since)
        step = max(1, -(-len(rows) // points))
        chosen = rows[::-1][::step][::-1]
        return {name: [_number(row[k]) for row in chosen] for k, name in enumerate(CURVES)}

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def _front_at(self, moment: float) -> tuple[FrontRow, ...] | None:
        rows = self._rows("SELECT rows FROM front WHERE time <= ? ORDER BY time DESC LIMIT 1", moment)
        return front(unpacked(rows[0][0])) if rows else None

    def _rows(self, query: str, value: float) -> list[Any]:
        try:
            return self._connection.execute(query, (value,)).fetchall()
        except sqlite3.Error:
            return []


def connected(path: Path) -> sqlite3.Connection:
    """For reading only, also in a folder where nothing can be written. Raises sqlite3.Error."""
    where = path.resolve().as_uri()
    connection = sqlite3.connect(f"{where}?mode=ro", uri=True, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM meta").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        connection = sqlite3.connect(f"{where}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    return connection


def is_history(path: Path) -> bool:
    """Whether it can be read as one."""
    try:
        History(path).close()
        return True
    except InputError:
        return False


def histories(folder: Path) -> list[Path]:
    """All files of histories in a folder, at any depth."""
    return sorted(folder.rglob(f"*{END}")) if folder.is_dir() else [folder] if folder.is_file() else []


def _with_front(figures: Figures, rows: tuple[FrontRow, ...] | None) -> Figures:
    return dataclasses.replace(figures, front=rows or ())


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else None
