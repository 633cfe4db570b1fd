"""Islands as tasks: rounds of ticks on workers that keep nothing, with an exchange between two rounds.

The state of every island stands here between rounds, so a worker may be lost at any time. What is done depends on seed and ticks
alone: whichever executor runs the tasks, the run is that of an `Archipelago` with the same exchange interval, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from vgp import checkpoint
from vgp.ancestors import Ancestor
from vgp.archipelago import island_seeds
from vgp.backends.executors import Executor
from vgp.backends.islands import Start
from vgp.backends.task import Lived, Shared, Task
from vgp.blocks import with_found_blocks
from vgp.checkpoint_bytes import decoded, encoded
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.front import Front, FrontEntry, merge, rounding_loss
from vgp.moving import holding_to
from vgp.parameters import Parameters
from vgp.polishing import polished_alone
from vgp.statistics import TICK_RECORD, over_islands
from vgp.whole_table import front_of_records

HISTORY = 10_000  # tick records that are kept, as an island does
STEP_SECONDS = 2.0  # of a round: to begin an island and to send its state should be a twentieth of it, or less
SECONDS_PER_VALUE = 1e-6  # more for each value of the table, since to begin an island takes about a twentieth of that as well
NODES_PER_SECOND = 1e9  # node evaluations of one core, and what a newborn costs besides, its tuning included: the order of both
SECONDS_PER_ORGANISM = 16e-6
FEWEST_TICKS, MOST_TICKS = 2, 2000


@dataclass
class Kept:
    """An island between two rounds."""

    seed: int
    state: bytes | None = None
    immigrants: bytes = b""
    records: npt.NDArray[np.void] = field(default_factory=lambda: np.empty(0, TICK_RECORD))
    front: Front = field(default_factory=lambda: Front(()))
    emigrants: bytes = b""

    def after(self, lived: Lived) -> Kept:
        records = np.concatenate([self.records, lived.records])[-HISTORY:]
        return Kept(self.seed, lived.state, b"", records, lived.front, lived.emigrants)


def step_seconds(dataset: Dataset) -> float:
    """What a round on this table should take."""
    return STEP_SECONDS + SECONDS_PER_VALUE * dataset.n_rows * (dataset.n_variables + 1)


def round_ticks(parameters: Parameters, dataset: Dataset) -> int:
    """Ticks that take an island about `step_seconds` on a core, by what a tick has to do: the clock has no part in it."""
    rows = min(dataset.n_rows, parameters.minibatch_rows or dataset.n_rows)
    nodes = rows * parameters.max_size / 2 / NODES_PER_SECOND
    tick = parameters.births_per_tick * (nodes + SECONDS_PER_ORGANISM)
    return min(max(round(step_seconds(dataset) / tick), FEWEST_TICKS), MOST_TICKS)


class Rounds:
    """`jobs` islands whose rounds an executor runs; see `Islands` for what it can do.

    Raises what `Island` raises, and BackendError. After an exception all islands are as they were before the round.
    """

    def __init__(self, executor: Executor, start: Start) -> None:
        if start.dataset.y is None:
            raise InputError("the table has no target column; name the column to explain")
        if start.jobs < 1 or (start.exchange_interval or 1) < 1:
            raise InputError(f"{start.jobs} jobs, exchanging every {start.exchange_interval} ticks: both must be at least one")
        self.dataset, self.parameters = start.dataset, start.parameters or Parameters()
        self._islands = [Kept(seed) for seed in island_seeds(start.seed, start.jobs)]
        self.round_ticks = start.exchange_interval or 0
        if start.state is not None:
            self._go_on(start, start.state)
        self.round_ticks = self.round_ticks or round_ticks(self.parameters, self.dataset)
        self.step_seconds = step_seconds(self.dataset)
        self._exchanged = self.tick - self.tick % self.round_ticks
        self._began_with: dict[str, Any] = {"sandbox": start.sandbox, "loss_function": start.loss_function}
        self._executor = executor
        self._handle = executor.share(Shared(self.dataset, **self._began_with))

    def _go_on(self, start: Start, state: bytes) -> None:
        saved = checkpoint.load(state, start.dataset.fingerprint(), own_loss=start.loss_function is not None)
        self.dataset, self.parameters = holding_to(saved.path, saved.units, start.dataset), saved.parameters
        self.round_ticks = self.round_ticks or saved.exchange_interval
        self._islands = [_kept(seed, saved.of_island(k)) for k, seed in enumerate(saved.seeds)]

    # --- the commands ---

    def create(self, formulas: Sequence[str] = ()) -> None:
        """Creates every island's population; see `Island.create`."""
        if not self._own_loss:
            self.parameters = with_found_blocks(self.parameters, self.dataset)
        self._round([Kept(kept.seed) for kept in self._islands], formulas=tuple(formulas))

    def advance(self, ticks: int = 1) -> np.void:
        """Runs ticks on every island, in as many rounds as there are exchanges due, and returns the last tick's summed record."""
        while ticks > 0:
            step = min(ticks, max(self._exchanged + self.round_ticks - self.tick, 1))
            self._round(self._islands, step)
            if self.tick >= self._exchanged + self.round_ticks:
                self._exchange()
            ticks -= step
        return self.latest()

    def keep_pace(self, ticks_per_second: float) -> None:
        """From now on an exchange is due whenever `step_seconds` are over at this pace: for runs that the clock ends anyway."""
        self.round_ticks = max(1, int(self.step_seconds * ticks_per_second))

    def _round(self, islands: Sequence[Kept], ticks: int = 0, formulas: tuple[str, ...] = ()) -> None:
        """Islands live on somewhere, or are created there; they are replaced all together, once all are back."""
        for_tasks = self._for_tasks
        tasks = [Task(for_tasks, kept.seed, kept.state, formulas, kept.immigrants, ticks) for kept in islands]
        lived = self._executor.run(self._handle, tasks)
        self._islands = [kept.after(one) for kept, one in zip(islands, lived, strict=True)]

    def _exchange(self) -> None:
        """Every island's front moves on to the next one in the ring, which lets it in when it lives on."""
        self._exchanged = self.tick
        if self.jobs > 1:
            for k, kept in enumerate(self._islands):
                kept.immigrants = self._islands[k - 1].emigrants

    @property
    def _for_tasks(self) -> Parameters:
        """Blocks are looked for once, here."""
        return self.parameters.replace(find_blocks=False)

    # --- what may be asked between two commands ---

    @property
    def jobs(self) -> int:
        return len(self._islands)

    @property
    def tick(self) -> int:
        records = self._islands[0].records
        return int(records["tick"][-1]) if len(records) else 0

    @property
    def evaluations(self) -> int:
        return sum(int(kept.records["evaluations"][-1]) for kept in self._islands if len(kept.records))

    def follow_lineage(self) -> None:
        """Nobody remembers: an island lives for a task only."""

    def ancestors(self, organism_id: int | None = None, most: int | None = None) -> tuple[Ancestor, ...]:
        return ()

    def statistics(self) -> npt.NDArray[np.void]:
        return over_islands([kept.records for kept in self._islands])

    def latest(self) -> np.void:
        return over_islands([kept.records[-1] for kept in self._islands])

    def front(self) -> Front:
        self._know_fronts()
        return merge([kept.front for kept in self._islands], self._rounding)

    def front_on_all_rows(self) -> Front:
        if not 0 < self.parameters.minibatch_rows < self.dataset.n_rows:
            return self.front()
        self._know_fronts()
        return front_of_records([kept.emigrants for kept in self._islands], self.dataset, self._for_tasks, **self._began_with)

    def polished(self, front: Sequence[FrontEntry]) -> Front:
        if self._own_loss:
            return Front(tuple(front))
        return polished_alone(front, self.dataset, self.parameters, self._began_with["sandbox"])

    def state(self) -> bytes:
        interval, seeds = self.round_ticks, [kept.seed for kept in self._islands]
        said = checkpoint.description(
            self.dataset, self.parameters, seeds=seeds, exchange_interval=interval, own_loss=self._own_loss
        )
        sections: dict[str, Any] = {}
        for k, kept in enumerate(self._islands):
            sections |= checkpoint.of_island(k, len(seeds), _sections(kept))
        return checkpoint.as_bytes(said, sections)

    def close(self) -> None:
        """Frees what workers hold; the islands stand here and may still be asked."""
        self._executor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _know_fronts(self) -> None:
        """After a state was resumed: an island that lives for no ticks tells its front."""
        if any(kept.state is not None and not kept.emigrants for kept in self._islands):
            self._round(self._islands)

    @property
    def _own_loss(self) -> bool:
        return self._began_with["loss_function"] is not None

    @property
    def _rounding(self) -> float:
        if self.parameters.loss != "squared" or self._own_loss:
            return 0.0
        assert self.dataset.y is not None
        return rounding_loss(self.dataset.y, self.parameters.precision)


def _kept(seed: int, sections: Mapping[str, Any]) -> Kept:
    """An island of a checkpoint: its history stays here, all but the last record."""
    parts = {name: content for name, content in sections.items() if name != checkpoint.IMMIGRANTS}
    records = np.frombuffer(parts["history"], TICK_RECORD).copy()
    parts["history"] = parts["history"][-TICK_RECORD.itemsize :]
    return Kept(seed, encoded(parts), bytes(sections.get(checkpoint.IMMIGRANTS, b"")), records)


def _sections(kept: Kept) -> dict[str, Any]:
    """What a checkpoint holds of an island. Raises InputError before there is a population."""
    if kept.state is None:
        raise InputError("the islands have no population yet; create it first")
    waiting = {checkpoint.IMMIGRANTS: kept.immigrants} if kept.immigrants else {}
    return {**decoded(kept.state), "history": kept.records.view(np.uint8), **waiting}
