"""The mesh at one moment, as whoever watches sees it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vmesh.figures.record import Figures, FrontRow, Histogram


@dataclass(frozen=True, slots=True)
class Seen:
    """One worker: its last figures, and what follows from the two last ones. `silent`: why it does not answer now, or empty."""

    figures: Figures
    time: float  # seconds since 1970 when it answered
    cpu: float = math.nan  # cores that it kept busy since the answer before
    sent: Mapping[str, int] = field(default_factory=dict)  # organisms sent to each neighbour since the answer before
    silent: str = ""

    @property
    def host(self) -> str:
        """The machine's name in the mesh."""
        return self.figures.name.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a worker's log."""

    time: float
    worker: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A formula on the mesh's front, and one worker that has it."""

    row: FrontRow
    worker: str


@dataclass(frozen=True, slots=True)
class View:
    """`workers` by name in the order host/2, host/10. `front`: sizes increasing, losses falling; the recommended one has `chosen`.
    `lines`: what was logged since the view before. `silent`: who is known but has never answered, and why."""

    time: float
    workers: Mapping[str, Seen]
    front: tuple[Found, ...] = ()
    lines: tuple[Said, ...] = ()
    silent: Mapping[str, str] = field(default_factory=dict)

    @property
    def answering(self) -> list[Seen]:
        """Those who answer now."""
        return [one for one in self.workers.values() if not one.silent]

    def total(self, name: str) -> float:
        """The sum of a figure over those who answer; what is not known counts nothing."""
        values = (float(getattr(one.figures, name)) for one in self.answering)
        return math.fsum(value for value in values if math.isfinite(value))

    @property
    def best_loss(self) -> float:
        """The least of all; NaN if nobody has one."""
        return min((one.figures.best_loss for one in self.answering if not math.isnan(one.figures.best_loss)), default=math.nan)

    def counters(self, name: str) -> dict[str, int]:
        """A table of counters (deaths, invalid, exchange) summed over those who answer."""
        summed: dict[str, int] = {}
        for one in self.answering:
            for key, value in getattr(one.figures, name).items():
                summed[key] = summed.get(key, 0) + value
        return summed

    def histogram(self, name: str) -> Histogram:
        """age, size or energy, summed over those who answer and have the same bins as the first."""
        return added(getattr(one.figures, name) for one in self.answering)


def added(parts: Iterable[Histogram]) -> Histogram:
    """The sum of histograms with equal edges."""
    edges: tuple[float, ...] = ()
    counts: list[int] = []
    for part in parts:
        if not counts and part.counts:
            edges, counts = part.edges, list(part.counts)
        elif part.edges == edges:
            counts = [a + b for a, b in zip(counts, part.counts, strict=True)]
    return Histogram(edges, tuple(counts))
