"""A run that has ended as a feed, from the histories that its workers kept."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from vgp.errors import InputError
from vmesh.admin.crawl import place
from vmesh.history.chain import Chain
from vmesh.history.reader import END, History, histories
from vmesh.watch.feed import REPLAYED, Curve, Past
from vmesh.watch.merging import merged
from vmesh.watch.view import Seen, View

AWAY = 60.0  # s after its last row for which a worker counts as running


class Replayed:
    """See `vmesh.watch.feed.Feed`; `at` gives any moment. Raises InputError where the folder has no history that can be read."""

    kind = REPLAYED

    def __init__(self, folder: Path) -> None:
        paths = histories(folder)
        if not paths:
            raise InputError(f"{folder}: holds no history (worker-0{END}); name a folder that vmesh up had as --checkpoint-dir")
        self.problems: list[str] = []
        files = self._files(paths)
        if not files:
            raise InputError(self.problems[0] if self.problems else f"{folder}: its histories are empty")
        self._histories = {name: Chain(found) for name, found in files.items()}
        self.began = min(one.began for one in self._histories.values())
        self.ended = max(one.ended for one in self._histories.values())

    def _files(self, paths: Sequence[Path]) -> dict[str, list[History]]:
        """Those that hold figures, by worker."""
        files: dict[str, list[History]] = {}
        for path in paths:
            try:
                history = History(path)
            except InputError as error:
                self.problems.append(str(error))
                continue
            last = history.at(math.inf)
            if last is None:
                history.close()
            else:
                files.setdefault(last.name, []).append(history)
        return files

    def look(self) -> View:
        """The run's end."""
        return self.at(self.ended)

    def at(self, moment: float) -> View:
        """The mesh at this moment, seconds since 1970."""
        workers, silent = {}, {}
        for name in sorted(self._histories, key=place):
            figures = self._histories[name].at(moment)
            if figures is None:
                silent[name] = "had not begun"
                continue
            late = moment - figures.written
            away = f"ended {late:.0f} s before" if late > AWAY else ""
            workers[name] = Seen(dataclasses.replace(figures, admin=""), figures.written, silent=away)
        return View(moment, workers, merged(seen.figures for seen in workers.values()), silent=silent)

    def past(self, points: int) -> Past:
        """The whole run."""
        curves = {}
        for name, history in self._histories.items():
            columns = {key: [math.nan if x is None else float(x) for x in values] for key, values in history.curves(points).items()}
            curves[name] = Curve(columns["time"], columns["best_loss"], columns["pace"])
        return Past(curves)

    def do(self, command: str, arguments: Mapping[str, Any], workers: Sequence[str] | None) -> NoReturn:
        """Raises InputError."""
        raise InputError("this run has ended; it can only be looked at")

    def close(self) -> None:
        """Closes the files."""
        for history in self._histories.values():
            history.close()
