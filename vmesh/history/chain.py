"""The histories of one worker, one after another: on a node that was replaced its successor begins a file of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vmesh.figures.record import Figures
from vmesh.history.reader import History


class Chain:
    """Files of one worker that hold rows, in the order of their time; where two tell of the same time the longer one is taken."""

    def __init__(self, files: Iterable[History]) -> None:
        self._files: list[History] = []
        for file in sorted(files, key=lambda one: (one.times[0], -one.times[-1])):
            if self._files and file.times[-1] <= self._files[-1].times[-1]:
                file.close()  # a copy, or an older state, of the one before
            else:
                self._files.append(file)

    @property
    def began(self) -> float:
        """Time of the first row, seconds since 1970."""
        return self._files[0].times[0]

    @property
    def ended(self) -> float:
        """Of the last row."""
        return self._files[-1].times[-1]

    def at(self, moment: float) -> Figures | None:
        """The last figures before or at this moment; None: there are none yet."""
        for file in reversed(self._files):
            if file.times[0] <= moment and (figures := file.at(moment)) is not None:
                return figures
        return None

    def curves(self, points: int) -> dict[str, list[Any]]:
        """Columns of about so many rows, evenly spread over each file by its share of all rows."""
        rows = sum(len(file.times) for file in self._files)
        joined: dict[str, list[Any]] = {}
        since = 0.0
        for file in self._files:
            for name, column in file.curves(max(2, points * len(file.times) // rows), since).items():
                joined.setdefault(name, []).extend(column)
            since = file.times[-1]
        return joined

    def close(self) -> None:
        """Lets go of the files."""
        for file in self._files:
            file.close()
