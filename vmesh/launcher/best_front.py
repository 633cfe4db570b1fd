"""The best front that this launcher ever heard of: what workers report and leave behind, merged, so that it never gets worse.

Losses can be compared on one table and with one loss only. When workers move to another table or loss, what came before is let go.
"""

import base64
import binascii
import contextlib
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vgp import genome
from vgp.choice import choose
from vgp.errors import CheckpointError, VgpError
from vgp.front import Front, FrontEntry, merge
from vgp.layout import VARIABLE
from vgp.model import Model

FRONT_FILE = "front.json"  # in the checkpoint folder: the mesh's front at the end of a run

Epoch = tuple[int, str]  # version of the table, name of the loss; of two the larger version is the later

log = logging.getLogger(__name__)


class BestFront:
    """`names` are the input columns; `rounding` is the loss that rounding alone leaves (`vgp.front.rounding_loss`)."""

    def __init__(self, names: tuple[str, ...], rounding: float = 0.0) -> None:
        self._names, self._rounding = names, rounding
        self._epoch: Epoch | None = None
        self.front = Front(())

    @property
    def moved(self) -> bool:
        """Whether the mesh has left the table that it was started with."""
        return self._epoch is not None and self._epoch[0] > 0

    @property
    def chosen(self) -> FrontEntry | None:
        """The entry that vgp.choice recommends, if there is one."""
        return self.front[choose(self.front)] if len(self.front) else None

    def report(self, rows: Iterable[Mapping[str, Any]], epoch: Epoch) -> None:
        """A worker's front as it answers administrators. What is no entry is left out."""
        entries = [entry for entry in (entry_of(row, self._names) for row in rows) if entry is not None]
        self._add(entries, epoch)

    def go_on_from(self, folder: Path, fingerprint: int | str) -> None:
        """What earlier runs in this folder found on this table: the best that is known must not get worse by a restart."""
        for path in (folder / FRONT_FILE, *sorted(folder.glob("worker-[0-9]*.front.json"))):
            with contextlib.suppress(OSError, CheckpointError):  # it is only a help: checkpoints hold what matters
                model = Model.load(path)
                if model.names == self._names and model.data.get("fingerprint") == fingerprint:
                    self._add(model.entries, (0, model.loss))

    def leave_behind(self, folder: Path, since: float, fingerprint: int | str) -> dict[int, int]:
        """Fronts that leaving workers wrote as models, those of this run (by the file's time) on this table.

        Returns the evaluations that each of them, by index, had done.
        """
        counts = {}
        for path in sorted(folder.glob("worker-[0-9]*.front.json")):
            try:
                if path.stat().st_mtime < since:
                    continue
                model = Model.load(path)
            except (OSError, CheckpointError) as error:
                log.warning("%s", error)
                continue
            index = path.name.removeprefix("worker-").removesuffix(".front.json")
            if index.isdecimal():
                counts[int(index)] = model.evaluations
            first_table = model.data.get("fingerprint") == fingerprint
            if model.names == self._names and first_table != self.moved:
                loss = self._epoch[1] if self._epoch is not None and not self._epoch[1] else model.loss
                self._add(model.entries, (self._epoch[0] if self._epoch else 0, loss))
        return counts

    def _add(self, entries: Sequence[FrontEntry], epoch: Epoch) -> None:
        if self._epoch is not None and epoch[0] < self._epoch[0]:
            return  # a worker that has not moved yet
        if epoch != self._epoch:
            self._epoch, self.front = epoch, Front(())
        entries = sorted((entry for entry in entries if math.isfinite(entry.loss)), key=lambda entry: entry.size)
        self.front = merge([self.front, Front(tuple(entries))], self._rounding)


def entry_of(row: Mapping[str, Any], names: tuple[str, ...]) -> FrontEntry | None:
    """An entry from an answer's row; None if it is none."""
    try:
        bundle = genome.decode_bundle(base64.b64decode(row["record"], validate=True))
        held = {int(id_): bundle.genome(i) for i, id_ in enumerate(genome.ids(bundle.nodes, bundle.offsets))}
        nodes = genome.flatten(bundle.genome(len(bundle) - 1), held.get).copy()
        variables = nodes["payload"][nodes["op"] == VARIABLE]
        if len(variables) and int(variables.max()) >= len(names):
            return None
        return FrontEntry(
            size=len(nodes),
            loss=float(row["loss"]),
            r2=math.nan if row["r2"] is None else float(row["r2"]),
            nodes=nodes,
            slope=float(row["slope"]),
            intercept=float(row["intercept"]),
            id=genome.genome_id(nodes),
            names=names,
        )
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error, VgpError):
        return None
