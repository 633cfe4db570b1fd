"""How the mesh of this machine does, at a glance."""

from dataclasses import dataclass

from vgp.display import clock, quantity, r2_text


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at it."""

    running: int  # workers that take part
    wanted: int
    given_up: int
    elapsed: float  # seconds
    left: float | None  # seconds; None: until it is stopped
    evaluations: int
    pace: float  # evaluations per second
    loss: float  # best ever seen
    r2: float
    formula: str  # recommended so far; empty: none yet
    stopping: bool

    @property
    def workers_text(self) -> str:
        """2 of 3 workers, 1 given up"""
        lost = f", {self.given_up} given up" if self.given_up else ""
        return f"{self.running} of {self.wanted} workers{lost}"

    @property
    def time_text(self) -> str:
        """1:02 gone, 0:58 left"""
        return f"{clock(self.elapsed)} gone" + (f", {clock(self.left)} left" if self.left is not None else "")

    @property
    def line(self) -> str:
        """All of it in one line, for logs and for systemd."""
        best = f"best loss {self.loss:.4g}, R2 {r2_text(self.r2)}"
        found = f"{best}; recommended: {self.formula}" if self.formula else "no formula yet"
        counted = f"{quantity(self.evaluations)} evaluations ({quantity(self.pace)}/s)"
        return f"{self.workers_text}, {self.time_text}, {counted}, {found}"
