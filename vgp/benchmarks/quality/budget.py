"""CPU time of a run: of this process, of the children it has reaped, and of one that lives (vgp's sandbox)."""

import resource
import time
from collections.abc import Callable


class Budget:
    """Counts from its making on. `living`: the pid of a child whose CPU time counts too."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.living: Callable[[], int] | None = None
        self._start = self._now()

    @property
    def used(self) -> float:
        """CPU seconds so far."""
        return self._now() - self._start

    @property
    def left(self) -> bool:
        return self.used < self.seconds

    def _now(self) -> float:
        reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = time.process_time() + reaped.ru_utime + reaped.ru_stime
        return total + (cpu_seconds_of(self.living()) if self.living is not None else 0.0)


def cpu_seconds_of(pid: int) -> float:
    """Of another process; 0 if it is gone, when its time is among the reaped."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the kernel's number for the CPU clock of another process
    except OSError:
        return 0.0
