"""When a worker that ended is started again: with a delay that doubles, and not for ever. Clock and processes are elsewhere."""

from dataclasses import dataclass
from enum import Enum

from vmesh.settings import Launcher

LEFT_STATUS, WRONG_INPUT_STATUS = 0, 2


class State(Enum):
    """Of a worker as its launcher sees it."""

    WAITING = "waiting"  # for its (re)start
    RUNNING = "running"
    LEFT = "left"  # on purpose
    REFUSED = "refused"  # it cannot work as it was told to, however often it is tried
    GIVEN_UP = "given up"  # it failed too often


OVER = (State.LEFT, State.REFUSED, State.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a worker that ended."""

    state: State
    failures: int  # in a row
    delay: float  # until it is started again, if it is


class Respawn:
    """One worker's history. A run of `stable_time` wipes out the failures before it."""

    def __init__(self, settings: Launcher) -> None:
        self._settings = settings
        self._since = 0.0
        self.state = State.WAITING
        self.due = 0.0  # when to start it, while WAITING
        self.failures = 0

    def started(self, now: float) -> None:
        """The process was started."""
        self.state, self._since = State.RUNNING, now

    def ended(self, status: int, now: float) -> Ending:
        """The process ended with that exit status, negative for a signal."""
        if status == LEFT_STATUS:
            return self._over(State.LEFT)
        if status == WRONG_INPUT_STATUS:
            return self._over(State.REFUSED)
        if now - self._since >= self._settings.stable_time:
            self.failures = 0
        self.failures += 1
        if self.failures > self._settings.restarts:
            return self._over(State.GIVEN_UP)
        delay = min(self._settings.restart_delay * 2.0 ** (self.failures - 1), self._settings.restart_delay_most)
        self.state, self.due = State.WAITING, now + delay
        return Ending(self.state, self.failures, delay)

    def _over(self, state: State) -> Ending:
        self.state = state
        return Ending(state, self.failures, 0.0)
