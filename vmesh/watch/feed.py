"""Where views come from: a running mesh, one that is made up, a run that has ended. One interface for page, terminal, metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vmesh.watch.view import View

LIVE, SIMULATED, REPLAYED = "live", "simulated", "replayed"


@dataclass(frozen=True, slots=True)
class Curve:
    """A worker's past: `time` seconds since 1970, ascending; the others belong to these moments."""

    time: Sequence[float]
    best_loss: Sequence[float]
    evaluations_per_second: Sequence[float]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command at one worker."""

    worker: str
    ok: bool
    result: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What was before the first view: curves by worker, thinned."""

    curves: Mapping[str, Curve] = field(default_factory=dict)


class Feed(Protocol):
    """Called from one thread, one call at a time; `do` may come from another one as well."""

    @property
    def kind(self) -> str:
        """LIVE, SIMULATED or REPLAYED."""

    def look(self) -> View:
        """The mesh now: asks and waits for those who answer, at most a few seconds. Raises AdminError where nobody ever did."""

    def past(self, points: int) -> Past:
        """Curves of at most so many points each."""

    def do(self, command: str, arguments: Mapping[str, Any], workers: Sequence[str] | None) -> list[Done]:
        """An admin command at these workers, or (None) at all; raises InputError where it cannot be done at all."""

    def close(self) -> None:
        """Lets go of everything."""
