"""What a run of islands is to those who drive it, wherever the islands live: estimators, `vgp fit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from vgp.ancestors import Ancestor
from vgp.dataset import Dataset
from vgp.front import Front, FrontEntry
from vgp.own_loss import LossFunction
from vgp.parameters import Parameters


class Islands(Protocol):
    """Some islands on one table, joined in a ring. One command runs at a time, from one thread.

    Ctrl-C (KeyboardInterrupt) ends any of them soon and leaves a run that can be asked for its front and advanced again.
    """

    @property
    def step_seconds(self) -> float:
        """What one `advance` should take: short enough to look at the clock, long enough for what it costs to begin one."""

    @property
    def round_ticks(self) -> int:
        """0: any number of ticks is as good as another. Otherwise ticks between two exchanges; to begin an `advance` costs
        something, so it is best asked for as many."""

    @property
    def dataset(self) -> Dataset: ...
    @property
    def parameters(self) -> Parameters:
        """Those in force; after `create` with the blocks that were found."""

    @property
    def jobs(self) -> int:
        """How many islands."""

    @property
    def tick(self) -> int:
        """Ticks that every island has lived."""

    @property
    def evaluations(self) -> int:
        """Organisms evaluated since the run began, on all islands."""

    def create(self, formulas: Sequence[str] = ()) -> object:
        """Creates every island's population. Raises FormulaError and InputError as `Island.create` does."""

    def advance(self, ticks: int = 1) -> np.void:
        """Runs ticks on every island, exchanges where it is due, and returns the last tick's summed record."""

    def keep_pace(self, ticks_per_second: float) -> None:
        """Told how fast a run is that the clock ends: exchanges may be put off to suit that. If not told, no clock has a part."""

    def front(self) -> Front:
        """Over all islands, as the rows of the moment judge it."""

    def front_on_all_rows(self) -> Front:
        """Over all islands, on the whole table: the result of a run."""

    def polished(self, front: Sequence[FrontEntry]) -> Front:
        """A front with constants as plain as the data allow; as it is where the loss is a function in Python."""

    def follow_lineage(self) -> None:
        """From now on remembers whom the living descend from, where a backend can: islands in other processes do not."""

    def ancestors(self, organism_id: int | None = None, most: int | None = None) -> tuple[Ancestor, ...]:
        """The family tree of an organism, or of the best: see `Island.ancestors`. () where nobody remembers."""

    def statistics(self) -> npt.NDArray[np.void]:
        """One record of `vgp.statistics.TICK_RECORD` a tick, over all islands, oldest first, the last 10,000."""

    def latest(self) -> np.void:
        """The last of them. Raises IndexError before there is one."""

    def state(self) -> bytes:
        """All that the run is, in the format of a checkpoint: any backend resumes it, on the same table."""

    def close(self) -> None:
        """Ends the islands and frees what they hold, here and elsewhere."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...


@dataclass(frozen=True)
class Start:
    """What a run of islands begins with."""

    dataset: Dataset
    parameters: Parameters | None = None  # None: the defaults, or with a state those of the state
    jobs: int = 1
    seed: int = 0
    sandbox: str = "on"
    loss_function: LossFunction | None = None
    exchange_interval: int | None = None  # ticks; None: as the backend does
    state: bytes | None = None  # of `Islands.state`: go on from there, with its islands, seeds and ticks


@dataclass(frozen=True)
class Harvest:
    """What a mesh leaves."""

    front: Front  # on all rows, polished
    evaluations: int
    seconds: float  # that it evolved
    workers: int
    interrupted: bool = False  # by Ctrl-C


Look = Callable[[Front, int], bool | None]  # the best front so far, evaluations; True ends the run


@runtime_checkable
class SteppedBackend(Protocol):
    """Islands that are advanced by whoever opened them, tick by tick."""

    def open(self, start: Start) -> Islands: ...


@runtime_checkable
class Mesh(Protocol):
    """Islands that live by themselves for some seconds: no ticks, no loss in Python, and another result every time."""

    def evolve(
        self,
        dataset: Dataset,
        parameters: Parameters,
        *,
        seconds: float,
        jobs: int | None = None,
        seed: int = 0,
        look: Look | None = None,
    ) -> Harvest:
        """Evolves that long on `jobs` workers (None: all cores) and ends them all, however this call ends.

        Ctrl-C ends the run and returns what there is. Raises InputError for what a mesh cannot do.
        """


Backend = SteppedBackend | Mesh
