"""How long a run may go on: seconds or evaluations."""

import time
from dataclasses import dataclass, field

TICK_TARGET = 0.05  # seconds between looks at the clock, the keyboard and the display


@dataclass
class Budget:
    """Counts from its creation. Give `seconds` or `evaluations`."""

    seconds: float | None = None
    evaluations: int | None = None
    step: float = TICK_TARGET  # seconds that one `advance` should take
    began: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def used(self, evaluations: int) -> float:
        """Share of the budget that is used up, 1 or more at the end."""
        if self.evaluations is not None:
            return evaluations / self.evaluations
        assert self.seconds is not None
        return self.elapsed() / self.seconds

    def seconds_left(self, evaluations: int) -> float | None:
        """An estimate from the pace so far; None where there is none yet."""
        share = self.used(evaluations)
        if self.seconds is not None:
            return max(self.seconds - self.elapsed(), 0.0)
        return self.elapsed() * max(1 - share, 0.0) / share if share > 0 else None

    def ticks(self, evaluations: int, ticks_per_second: float, most_per_tick: int) -> int:
        """How many ticks to do before the next look.

        With a budget of evaluations the run ends at the same tick whatever the clock says: fewer ticks are done at a time as the
        end comes near, so that none is done too much, of at most `most_per_tick` evaluations each.
        """
        wanted = max(1, int(self.step * ticks_per_second))
        if self.evaluations is None:
            return wanted
        return max(1, min(wanted, (self.evaluations - evaluations) // max(most_per_tick, 1)))
