"""The clock of a run that is replayed: it stands, or goes so many times as fast as the run did."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from vmesh.watch.view import View

SPEEDS = (1, 10, 60, 600)
AT_BEGINNING = 60  # times as fast, until somebody says otherwise


class Replayed(Protocol):
    """What the clock needs of `vmesh.watch.replayed`."""

    @property
    def began(self) -> float: ...
    @property
    def ended(self) -> float: ...
    def at(self, moment: float) -> View:
        """The mesh at this moment, seconds since 1970."""


class ReplayClock:
    """Begins at the end of the run, standing: what was found is seen first."""

    def __init__(self, feed: Replayed, clock: Callable[[], float] = time.monotonic) -> None:
        self._feed, self._clock = feed, clock
        self.began, self.ended = feed.began, feed.ended
        self._moment, self._since = self.ended, clock()
        self.speed, self.playing = float(AT_BEGINNING), False

    @property
    def moment(self) -> float:
        """Seconds since 1970, in the run's time."""
        if not self.playing:
            return self._moment
        return min(self._moment + (self._clock() - self._since) * self.speed, self.ended)

    def set(self, at: float | None, speed: float | None, playing: bool | None) -> None:
        """Goes elsewhere, at another speed, or stands; None: as before. `at`: seconds since the run began."""
        self._moment = self.moment if at is None else min(max(self.began + at, self.began), self.ended)
        self._since = self._clock()
        self.speed = self.speed if speed is None else speed
        if playing is not None:
            if playing and self._moment >= self.ended and at is None:
                self._moment = self.began  # from the start once more
            self.playing = playing

    def look(self) -> View:
        """The view of the moment."""
        moment = self.moment
        if moment >= self.ended:
            self._moment, self.playing = self.ended, False
        return self._feed.at(moment)

    def state(self) -> dict[str, Any]:
        """For the page."""
        return {"at": self.moment - self.began, "speed": self.speed, "playing": self.playing}
