"""What may be read of an island at any time, also while another thread runs one of its commands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp import census, checkpoint, emigration, exchange, founding, state
from vgp.ancestors import Ancestor
from vgp.dataset import Dataset
from vgp.evolution import Engine
from vgp.family_tree import ancestors_of
from vgp.front import Front
from vgp.layout import Genome
from vgp.lineage import Lineage
from vgp.living_front import LivingFront
from vgp.parameters import Parameters

MOST_ORGANISMS = 2**32 - 1


class Readable:
    """The half of `vgp.island.Island` that changes nothing; the island sets what stands here first."""

    dataset: Dataset
    parameters: Parameters
    seed: int
    own_loss: bool
    lineage: Lineage | None
    _engine: Engine
    _front: LivingFront
    _names: tuple[str, ...]
    _variance: float
    _rounding: float

    def statistics(self) -> npt.NDArray[np.void]:
        """One record per tick, oldest first, the last 10,000: see `vgp.statistics.TICK_RECORD`."""
        return state.history(self._engine)

    def latest(self) -> np.void:
        """The last tick's record. Raises IndexError before there is one."""
        return state.history(self._engine, most=1)[0]

    def totals(self) -> np.void:
        """One record of what all ticks counted since this object was made - or, after a move to another table, since the first one
        was -, those whom predators ate for immigrants included; what is no count is that of the last tick."""
        return state.totals(self._engine)[0]

    def census(self) -> dict[str, npt.NDArray[np.uint64]]:
        """How many of the living there are by age in ticks, size in nodes and energy: counts in the bins of
        `vgp.statistics.CENSUS`. Beyond 16,384 organisms estimated from so many of them."""
        return census.census(self._engine)

    @property
    def tick(self) -> int:
        """Ticks that this population has lived."""
        records = state.history(self._engine, most=1)
        return int(records["tick"][0]) if len(records) else 0

    @property
    def evaluations(self) -> int:
        """Organisms evaluated since the population was created."""
        records = state.history(self._engine, most=1)
        return int(records["evaluations"][0]) if len(records) else 0

    def living(self) -> npt.NDArray[np.void]:
        """The standing of every living organism: see `vgp.exchange.ORGANISM`."""
        return exchange.living(self._engine)

    def sample(self, most: int, seed: int) -> npt.NDArray[np.void]:
        """The standing of `most` of the living at random, each at most once, or of all; `seed` is of this draw alone."""
        return exchange.sample(self._engine, min(max(most, 0), MOST_ORGANISMS), seed % 2**64)

    def champions(self) -> npt.NDArray[np.void]:
        """The standing of the front's organisms: the best of each size that beats every smaller one, sizes increasing."""
        return exchange.champions(self._engine)

    def export(self, which: str | Sequence[int] = "front", *, callees: bool = True) -> bytes:
        """Organisms with all they refer to as a portable record: "front", "best", "all", or ids. Unknown ids are left out.

        callees=False: an open record of just these, for a receiver that holds what they refer to (see `missing`).
        """
        return emigration.record(self._engine, which, callees=callees)

    def missing(self, data: bytes) -> list[int]:
        """Ids that the organisms of a record refer to, and that neither travel along nor are held here. Raises RecordError."""
        return emigration.lacking(self._engine, data)

    def front(self) -> Front:
        """The best organism of each size that beats every smaller one, as plain formulas; it ends where only rounding is left."""
        squared = self.parameters.loss == "squared" and not self.own_loss
        return self._front.read(self.parameters.loss, self._variance if squared else math.nan, self.rounding)

    def ancestors(self, organism_id: int | None = None, most: int | None = None) -> tuple[Ancestor, ...]:
        """The family tree of the front's best, or of one that is remembered: see `vgp.family_tree.ancestors_of`."""
        return ancestors_of([self.lineage], organism_id, self.front(), self._names, most)

    @property
    def rounding(self) -> float:
        """The loss that is left of an exact law by rounding in the table's precision; 0 for losses other than the squared one."""
        return self._rounding if self.parameters.loss == "squared" and not self.own_loss else 0.0

    def description(self) -> dict[str, Any]:
        """What a checkpoint says about its island in plain values."""
        about: dict[str, Any] = {"seeds": [self.seed], "exchange_interval": 0, "own_loss": self.own_loss}
        return checkpoint.description(self.dataset, self.parameters, **about)

    def admits(self, nodes: Genome) -> bool:
        """Whether a genome is one that could live here: not too large, and its units and constraints hold."""
        return founding.refusal(self._engine, nodes) is None
