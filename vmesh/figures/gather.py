"""A worker's figures, gathered by its network thread whenever somebody asks, but at most twice a second: the others get the same.

Whatever is dear is made only when it has changed and somebody lacks it: typeset formulas, and lines of the log.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import time
from typing import Any

import numpy as np

from vgp.choice import choose
from vgp.errors import SandboxError
from vgp.export.mathml import to_mathml
from vgp.front import Front, FrontEntry
from vgp.front_html import DIGITS
from vgp.island import Island
from vgp.provenance import version
from vgp.statistics import CENSUS, DEATHS, STATUS_NAMES
from vmesh import log
from vmesh.figures.pace import Pace
from vmesh.figures.process import busy, own_time, resident
from vmesh.figures.record import MOST_ROWS, MOST_TEXT, Figures, FrontRow, Histogram, Line
from vmesh.node import Node

FRESH = 0.5  # seconds for which figures are given again
MOST_LINES = 200  # in one answer
WRONG = tuple(name for name in STATUS_NAMES if name not in ("pending", "ok"))
EXCHANGED = (
    *("sent", "sent_organisms", "received", "accepted", "duplicate", "no_room", "no_credit", "dropped", "wants", "supplies"),
)


class Gatherer:
    """Of one node. `before`: evaluations of the lives before this one."""

    def __init__(self, node: Node, before: int) -> None:
        self._node, self._before, self._pace = node, before, Pace()
        self._began = node.clock()
        self._last: Figures | None = None
        self._looked = -math.inf
        self._front = Front(())
        self._of: Island | None = None
        self._typeset: dict[FrontEntry, FrontRow] = {}
        self._busy = 0.0

    def told_to(self, front: str, line: int, draining: bool) -> Figures:
        """The figures for somebody who has that version of the front and the log up to that line."""
        figures = self.figures(draining)
        tail = log.tail()
        lines = tuple(Line(*logged) for logged in tail.after(line if line <= tail.last else 0, MOST_LINES))
        rows = self._rows() if figures.front_version != front else None
        return dataclasses.replace(figures, front=rows, lines=lines, last_line=tail.last)

    def figures(self, draining: bool) -> Figures:
        """All but front and lines."""
        now = self._node.clock()
        state = "draining" if draining else "paused" if self._node.evolution.paused else "running"
        if self._last is None or now - self._looked >= FRESH or self._last.state != state:
            self._looked = now
            self._last = self._gather(state, now)
        return self._last

    def _gather(self, state: str, now: float) -> Figures:
        node, island = self._node, self._node.evolution.island
        me, moving, keeping = node.membership.me, node.moving.status(), node.keeping
        self._front, self._of = island.front(), island
        return Figures(
            name=me.name,
            admin=me.admin,
            version=version(),
            incarnation=me.incarnation,
            state=state,
            written=time.time(),
            uptime=now - self._began,
            **self._evolution(island, now),
            **counters(island),
            exchange=self._exchange(),
            **census(island),
            **self._machine(island),
            neighbours=tuple(node.exchange.traffic()[:MOST_ROWS]),
            checkpoint_age=math.nan if keeping.written is None else max(time.time() - keeping.written, 0.0),
            checkpoint_bytes=keeping.bytes,
            checkpoint_tick=keeping.tick,
            checkpoint_error=(keeping.error or "")[:MOST_TEXT],
            data_url=(moving["url"] or "")[:MOST_TEXT],
            data_version=moving["version"],
            data_rows=moving["rows"],
            target=moving["target"],
            front_version=self._version(island),
        )

    def _evolution(self, island: Island, now: float) -> dict[str, Any]:
        latest = island.latest() if island.tick else None
        evaluations = 0 if latest is None else int(latest["evaluations"])
        pace = self._pace.at(now, evaluations)
        best = self._front.best if len(self._front) else None
        gauges = ("median_loss", "mean_size", "mean_age", "mean_energy", "diversity")
        return {
            "tick": 0 if latest is None else int(latest["tick"]),
            "era": 0 if latest is None else int(latest["era"]),
            "evaluations": evaluations,
            "evaluations_before": self._before,
            "evaluations_per_second": math.nan if pace is None else pace,
            "living": 0 if latest is None else int(latest["living"]),
            "capacity": island.parameters.population_size,
            "loss": island.parameters.loss,
            "best_loss": math.nan if best is None else best.loss,
            "best_r2": math.nan if best is None else best.r2,
            "best_size": 0 if best is None else best.size,
            **{name: math.nan if latest is None else float(latest[name]) for name in gauges},
        }

    def _exchange(self) -> dict[str, int]:
        counted = self._node.exchange.counters
        return {name: getattr(counted, name) for name in EXCHANGED} | {"rejected": sum(counted.rejected.values())}

    def _machine(self, island: Island) -> dict[str, Any]:
        try:
            report = island.sandbox.report()
        except SandboxError:  # the island has just made room for the one on a new table
            report = {"pid": 0, "respawns": 0}
        pid = report["pid"]
        self._busy = max(self._busy, own_time() + (busy(pid) if pid else 0.0))
        return {
            "memory_bytes": resident("self") or 0,
            "sandbox_memory_bytes": (resident(str(pid)) or 0) if pid else 0,
            "memory_limit_bytes": self._node.settings.worker.memory,
            "cpu_seconds": self._busy,
            "sandbox_restarts": report["respawns"],
        }

    def _version(self, island: Island) -> str:
        """The same for the same rows of a front, also in another life."""
        about = [island.dataset.target, island.parameters.loss, *((entry.id, entry.loss, entry.slope) for entry in self._front)]
        return hashlib.blake2b(repr(about).encode(), digest_size=8).hexdigest()

    def _rows(self) -> tuple[FrontRow, ...]:
        """The front that the last figures are about; what was typeset for the one before is used again."""
        front, island = self._front, self._of
        if island is None or not len(front):
            return ()
        loss, target = island.parameters.loss, island.dataset.target
        chosen = choose(front, island.dataset.n_rows, loss)
        kept = {entry: self._typeset.get(entry) or row_of(entry, loss, target) for entry in front[:MOST_ROWS]}
        self._typeset = kept
        return tuple(dataclasses.replace(row, chosen=k == chosen) for k, row in enumerate(kept.values()))


def row_of(entry: FrontEntry, loss: str, target: str) -> FrontRow:
    """A row of the front with its typeset formula."""
    mathml = to_mathml(entry.nodes, entry.names, slope=entry.slope, intercept=entry.intercept, digits=DIGITS)
    r2 = entry.r2 if math.isfinite(entry.r2) else None
    return FrontRow(entry.size, entry.loss, r2, entry.formula, mathml, False, f"{entry.id:016x}", entry.constants)


def census(island: Island) -> dict[str, Any]:
    """The living by age, size and energy."""
    return {name: Histogram(CENSUS[name], tuple(counts.tolist())) for name, counts in island.census().items()}


def counters(island: Island) -> dict[str, Any]:
    """What the population has counted in this life."""
    totals: np.void = island.totals()
    return {
        **{name: int(totals[name]) for name in ("births", "duplicates", "stillborn", "immigrants")},
        "deaths": {cause: int(totals[f"deaths_{cause}"]) for cause in DEATHS},
        "invalid": {"oversized": int(totals["oversized"])} | {name: int(totals[f"invalid_{name}"]) for name in WRONG},
    }
