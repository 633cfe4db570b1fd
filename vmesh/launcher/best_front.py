"""The best front that this launcher ever heard of: what workers report and leave behind, merged, so that it never gets worse.

Losses can be compared on one table and with one loss only. When workers move to another table, what came before is let go; of each
loss that workers were told to use there is a front, and the one that counts is that of the loss told last.
"""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vgp.choice import choose
from vgp.errors import CheckpointError
from vgp.front import Front, FrontEntry, merge
from vgp.model import Model
from vmesh.front_rows import entry_of

FRONT_FILE = "front.json"  # in the checkpoint folder: the mesh's front at the end of a run

TableKey = tuple[int, str]  # version and checksum; of two the larger is the later, as among the workers (vmesh.data)
FIRST_TABLE: TableKey = (0, "")
Stamps = Mapping[Path, tuple[int, int]]

log = logging.getLogger(__name__)


class BestFront:
    """`names` are the input columns, `rows` those of the table; `rounding` is the squared loss that rounding alone
    leaves (`vgp.front.rounding_loss`)."""

    def __init__(self, names: tuple[str, ...], rows: int, rounding: float = 0.0) -> None:
        self._names, self._rows, self._rounding = names, rows, rounding
        self._table = FIRST_TABLE
        self._fronts: dict[str, Front] = {}  # by loss
        self.loss = ""  # the one told last

    @property
    def front(self) -> Front:
        """By the loss told last."""
        return self._fronts.get(self.loss, Front(()))

    @property
    def moved(self) -> bool:
        """Whether the mesh has left the table that it was started with."""
        return self._table > FIRST_TABLE

    @property
    def chosen(self) -> FrontEntry | None:
        """The entry that vgp.choice recommends, if there is one."""
        return self.front[choose(self.front, self._rows, self.loss or "squared")] if len(self.front) else None

    def report(self, rows: Iterable[Mapping[str, Any]], table: TableKey, loss: str) -> None:
        """A worker's front as it answers administrators. What is no entry is left out."""
        if table < self._table:
            return  # a worker that has not moved yet
        if table > self._table:
            self._table, self._fronts = table, {}
        self.loss = loss
        self._add([entry for entry in (entry_of(row, self._names) for row in rows) if entry is not None], loss)

    def go_on_from(self, folder: Path, fingerprint: int | str) -> None:
        """What earlier runs in this folder found on this table: the best that is known must not get worse by a restart."""
        for path in (folder / FRONT_FILE, *stamps(folder)):
            if path.exists():
                self.remember(path, fingerprint)

    def leave_behind(self, folder: Path, before: Stamps, fingerprint: int | str) -> dict[int, int]:
        """Fronts that leaving workers wrote as models: those that are not as they were `before` this run, on this table.

        Returns the evaluations that each of these workers, by index, had done.
        """
        counts = {}
        for path, stamp in stamps(folder).items():
            model = self.remember(path, fingerprint) if before.get(path) != stamp else None
            index = path.name.removeprefix("worker-").removesuffix(".front.json")
            if model is not None and index.isdecimal():
                counts[int(index)] = model.evaluations
        return counts

    def remember(self, path: Path, fingerprint: int | str) -> Model | None:
        """Adds the front of a saved model if it is of this table. `fingerprint`: of the one that the mesh was started with."""
        try:
            model = Model.load(path)
        except (OSError, CheckpointError) as error:
            log.warning("%s", error)
            return None
        first_table = model.data.get("fingerprint") == fingerprint
        if model.names == self._names and first_table != self.moved:
            self.loss = self.loss or model.loss
            self._add(model.entries, model.loss)
        return model

    def _add(self, entries: Sequence[FrontEntry], loss: str) -> None:
        entries = sorted((entry for entry in entries if math.isfinite(entry.loss)), key=lambda entry: entry.size)
        rounding = self._rounding if loss == "squared" else 0.0
        self._fronts[loss] = merge([self._fronts.get(loss, Front(())), Front(tuple(entries))], rounding)


def stamps(folder: Path) -> Stamps:
    """The fronts that workers left in a folder, and what changes when they are written anew, whatever the clock does."""
    found = {}
    for path in sorted(folder.glob("worker-*.front.json")):
        try:
            status = path.stat()
        except OSError:
            continue
        found[path] = status.st_mtime_ns, status.st_ino
    return found
