"""The loop of a run: advance and look, until the budget is used up or who looks has seen enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol

from vgp.budget import Budget
from vgp.choice import choose
from vgp.front import Front, FrontEntry

if TYPE_CHECKING:
    import numpy as np

    from vgp.dataset import Dataset
    from vgp.display import Snapshot
    from vgp.parameters import Parameters


class Running(Protocol):
    """Islands that advance together: an `Archipelago`, or its like elsewhere."""

    @property
    def parameters(self) -> Parameters: ...
    @property
    def dataset(self) -> Dataset: ...
    @property
    def jobs(self) -> int: ...
    @property
    def tick(self) -> int: ...
    @property
    def evaluations(self) -> int: ...
    def advance(self, ticks: int = 1) -> np.void: ...
    def front(self) -> Front: ...


@dataclass(frozen=True)
class Progress:
    """How a run stands. The front is read when it is first asked for."""

    islands: Running
    elapsed: float  # seconds since the run began
    used: float  # share of the budget, 0 to 1 or a little more
    left: float | None  # seconds, estimated; None: not known yet
    evaluations: int  # of this run
    tick: int  # that the populations have lived

    @cached_property
    def front(self) -> Front:
        """The best formula of each size so far; on the rows of the moment where there are mini-batches."""
        return self.islands.front()

    @cached_property
    def recommended(self) -> FrontEntry | None:
        """The entry that would be recommended if the run ended now; None while there is none."""
        if not len(self.front):
            return None
        return self.front[choose(self.front, self.islands.dataset.n_rows, self.islands.parameters.loss)]

    def snapshot(self) -> Snapshot:
        """What a display shows of it."""
        from vgp.display import Snapshot

        best = self.front.best if len(self.front) else None
        return Snapshot(
            elapsed=self.elapsed,
            used=self.used,
            left=self.left,
            evaluations=self.evaluations,
            generation=self.tick,
            loss=best.loss if best else float("inf"),
            r2=best.r2 if best else float("nan"),
            formula=self.recommended.formula if self.recommended else "",
        )


def run_on(
    islands: Running,
    budget: Budget,
    look: Callable[[Progress], object],
    *,
    before: int = 0,
    every: int = 0,
    steps: Callable[[], int] | None = None,
    attempt: Callable[[Callable[[], Any]], Any] = lambda work: work(),
) -> None:
    """Advances until the budget is used up, `look` returns something true, or `attempt` gives None for what it was to do.

    before: evaluations that do not count, those of a run that is resumed. every: no step goes beyond a multiple of so many ticks,
    so that who looks there decides the same in every run of a seed; 0: steps follow the clock alone. steps: how many ticks to ask
    for next, where the islands live in tasks (`vgp.backends.pace`); 0 ends the run.
    """
    per_tick = islands.parameters.most_evaluations_per_tick * islands.jobs
    evaluations, pace = islands.evaluations - before, 0.0
    while budget.used(evaluations) < 1:
        ticks, began = steps() if steps else budget.ticks(evaluations, pace, per_tick), time.monotonic()
        if every:
            ticks = min(ticks, every - islands.tick % every)
        if not ticks or attempt(partial(islands.advance, ticks)) is None:
            return
        pace = ticks / max(time.monotonic() - began, 1e-6)
        evaluations = islands.evaluations - before
        left = budget.seconds_left(evaluations)
        if look(Progress(islands, budget.elapsed(), budget.used(evaluations), left, evaluations, islands.tick)):
            return
