"""The front of an engine that may be running: entries are made once and kept while their organism stands where it stood."""

from __future__ import annotations

import numpy as np

from vgp import exchange
from vgp.evolution import Engine
from vgp.front import Front, FrontEntry, make_entry, merge

Standing = tuple[int, str, float, float, float]  # id, loss, and what an entry of the front takes from the organism


class LivingFront:
    """Reads the front of one engine. From any thread: two that read at once at worst make an entry twice.

    Args:
        names: of the table's columns.
    """

    def __init__(self, engine: Engine, names: tuple[str, ...]) -> None:
        self._engine = engine
        self._names = names
        self._entries: dict[Standing, FrontEntry] = {}

    def read(self, loss: str, variance: float, rounding: float) -> Front:
        """The front under the loss of that name; `variance` of the target gives r2, NaN where the loss has none."""
        known = self._entries
        entries: dict[Standing, FrontEntry] = {}
        for record in exchange.champions(self._engine):
            standing = int(record["id"]), loss, float(record["loss"]), float(record["slope"]), float(record["intercept"])
            entry = known.get(standing) or self._made(record, variance)
            if entry is not None:
                entries[standing] = entry
        self._entries = entries
        return merge([Front(tuple(entries.values()))], rounding)

    def _made(self, record: np.void, variance: float) -> FrontEntry | None:
        nodes, offsets, _ = exchange.genomes(self._engine, [record["id"]])
        if len(offsets) < 2:
            return None  # died since the champions were listed
        return make_entry(record, nodes, offsets, self._names, variance)
