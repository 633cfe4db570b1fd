"""How many ticks to ask for at a time, until a budget of seconds or evaluations is used up."""

from __future__ import annotations

import math
import time

from vgp.backends.islands import Islands


class Pace:
    """Counts from its creation. With a budget of evaluations the run ends at a tick that does not depend on the clock.

    Give `seconds` or `evaluations` (of all islands, those before included); with both, whichever is used up first ends the run.

        pace = Pace(islands, seconds=60)
        while ticks := pace.ticks():
            record = islands.advance(ticks)
    """

    def __init__(self, islands: Islands, *, seconds: float | None = None, evaluations: int | None = None) -> None:
        self._islands, self._seconds, self._evaluations = islands, seconds, evaluations
        self._began = self._asked_at = time.monotonic()
        self._tick = self._first_tick = islands.tick
        self._first_evaluations = islands.evaluations
        self._per_second = 0.0  # ticks, as the last ones took; 0: none was measured

    def elapsed(self) -> float:
        """Seconds since the creation."""
        return time.monotonic() - self._began

    def used(self) -> float:
        """Share of the budget that is used up, 1 or more at the end."""
        shares = [0.0]
        if self._seconds is not None:
            shares.append(self.elapsed() / self._seconds)
        if self._evaluations is not None:
            shares.append(self._islands.evaluations / self._evaluations)
        return max(shares)

    def ticks(self) -> int:
        """For the next `advance`; 0 when the budget is used up."""
        if self.used() >= 1:
            return 0
        self._measure()
        if self._evaluations is None:
            return self._by_the_clock()
        if self._islands.round_ticks:
            return self._whole_rounds(self._evaluations)
        return min(self._by_the_clock(), self._at_most(self._evaluations))

    def _measure(self) -> None:
        now, tick = time.monotonic(), self._islands.tick
        if tick > self._tick:
            self._per_second = (tick - self._tick) / max(now - self._asked_at, 1e-6)
        self._asked_at, self._tick = now, tick

    def _by_the_clock(self) -> int:
        islands = self._islands
        if not self._per_second:
            return max(1, islands.round_ticks // 10)
        if self._evaluations is None:
            islands.keep_pace(self._per_second)
        seconds = islands.step_seconds
        if self._seconds is not None:
            seconds = min(seconds, self._seconds - self.elapsed())
        return max(1, int(seconds * self._per_second))

    def _at_most(self, evaluations: int) -> int:
        """So few that none is done too much, whatever they cost; so the run ends at the same tick however it was divided."""
        most = self._islands.parameters.most_evaluations_per_tick * self._islands.jobs
        return max(1, (evaluations - self._islands.evaluations) // max(most, 1))

    def _whole_rounds(self, evaluations: int) -> int:
        """To the next exchange, or as many as use up the rest by what ticks took so far: a few over, but always the same."""
        islands = self._islands
        rest = islands.round_ticks - islands.tick % islands.round_ticks
        lived, done = islands.tick - self._first_tick, islands.evaluations - self._first_evaluations
        newborns = islands.parameters.births_per_tick * islands.jobs
        per_tick = done / lived if lived else newborns
        return min(rest, max(1, math.ceil((evaluations - islands.evaluations) / per_tick)))
