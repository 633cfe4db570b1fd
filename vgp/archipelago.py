"""Several islands on the cores of one machine, in threads of this process, joined in a ring.

The islands advance side by side (the engine works without the GIL, each island has a sandbox of its own) and exchange their best
between ticks, in a fixed order: the same seed and number of islands give the same run, however the threads are scheduled.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp import checkpoint
from vgp.adoption import adopt
from vgp.ancestors import Ancestor
from vgp.blocks import with_found_blocks
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.family_tree import ancestors_of
from vgp.front import Front, FrontEntry, merge
from vgp.island import Island
from vgp.moving import holding_to
from vgp.own_loss import LossFunction
from vgp.parameters import Parameters
from vgp.polishing import polished_on
from vgp.statistics import over_islands
from vgp.whole_table import front_on_all_rows

EXCHANGE_INTERVAL = 10  # ticks between two exchanges; see docs/laws.md


def island_seeds(seed: int, jobs: int) -> list[int]:
    """Of the islands of a run, in the order of the ring: the first one is the run's own."""
    return [seed, *map(int, np.random.SeedSequence(seed % 2**64).generate_state(jobs - 1, np.uint64))]


class Archipelago:
    """`jobs` islands of `Parameters` each; with jobs=1 the same run as `Island` of that seed.

    Raises what `Island` raises.
    """

    step_seconds = 0.05  # that an `advance` should take, for whoever looks at the clock, the keyboard and the display between two
    round_ticks = 0  # any number of ticks may be asked for at a time

    def __init__(
        self,
        dataset: Dataset,
        parameters: Parameters | None = None,
        *,
        jobs: int = 1,
        seed: int = 0,
        sandbox: str = "on",
        loss_function: LossFunction | None = None,
        exchange_interval: int = EXCHANGE_INTERVAL,
    ) -> None:
        if jobs < 1 or exchange_interval < 1:
            raise InputError(f"{jobs} jobs, exchanging every {exchange_interval} ticks: both must be at least one")
        with contextlib.ExitStack() as started:
            islands = [
                started.enter_context(Island(dataset, parameters, seed=s, sandbox=sandbox, loss_function=loss_function))
                for s in island_seeds(seed, jobs)
            ]
            started.pop_all()
        self._begin(islands, exchange_interval)

    def _begin(self, islands: Sequence[Island], exchange_interval: int) -> None:
        self.islands = tuple(islands)
        self.exchange_interval = exchange_interval
        self._threads = ThreadPoolExecutor(len(islands), "island")

    @property
    def parameters(self) -> Parameters:
        return self.islands[0].parameters

    @property
    def dataset(self) -> Dataset:
        return self.islands[0].dataset

    @property
    def jobs(self) -> int:
        """Islands that advance side by side."""
        return len(self.islands)

    @property
    def damaged(self) -> tuple[str, ...]:
        """Checkpoints that were passed over when this run was resumed, a line each."""
        return self.islands[0].damaged

    def create(self, formulas: Sequence[str] = ()) -> None:
        """Creates every island's population; see `Island.create`."""
        if not self.islands[0].own_loss:
            with_found_blocks(self.parameters, self.islands[0].dataset)  # once for all, here, where Ctrl-C ends it at once
        self._side_by_side(lambda island: island.create(formulas))

    def update(self, **changes: Any) -> Parameters:
        """Changes parameters of every island; see `Island.update`."""
        self._side_by_side(lambda island: island.update(**changes))
        return self.parameters

    def advance(self, ticks: int = 1) -> np.void:
        """Runs ticks on every island, exchanging the best where one is due, and returns the last tick's summed record."""
        while ticks > 0:
            tick = self.tick
            step = min(ticks, self.exchange_interval - tick % self.exchange_interval)
            self._side_by_side(lambda island, step=step: island.advance(step))
            if (tick + step) % self.exchange_interval == 0:
                self._exchange()
            ticks -= step
        return self.latest()

    def keep_pace(self, ticks_per_second: float) -> None:
        """Exchanges are cheap here and stay where they are."""

    @property
    def tick(self) -> int:
        return self.islands[0].tick

    @property
    def evaluations(self) -> int:
        """Organisms evaluated since the run began, on all islands."""
        return sum(island.evaluations for island in self.islands)

    def statistics(self) -> npt.NDArray[np.void]:
        """One record per tick over all islands: counts are sums, best_loss the least, the rest means."""
        parts = [island.statistics() for island in self.islands]
        length = min(map(len, parts))
        return over_islands([part[len(part) - length :] for part in parts])

    def latest(self) -> np.void:
        """The last tick's record over all islands. Raises IndexError before there is one."""
        return over_islands([island.latest() for island in self.islands])

    def front(self) -> Front:
        """The front over all islands."""
        return merge([island.front() for island in self.islands], self.islands[0].rounding)

    def front_on_all_rows(self) -> Front:
        """The same where islands evolve on mini-batches; see `vgp.whole_table`."""
        return front_on_all_rows(self.islands)

    def polished(self, front: Sequence[FrontEntry]) -> Front:
        """See `vgp.polishing.polished_on`."""
        return polished_on(self.islands[0], front)

    def follow_lineage(self) -> None:
        """From now on every island remembers whom its living descend from; see `Island.follow_lineage`."""
        self._side_by_side(lambda island: island.follow_lineage())

    def ancestors(self, organism_id: int | None = None, most: int | None = None) -> tuple[Ancestor, ...]:
        """The family tree of the best of all islands, or of one that is remembered on any of them; see `Island.ancestors`.

        Immigrants bring their lines along, as long as both islands follow their lineage.
        """
        islands = self.islands
        lineages = [island.lineage for island in islands]
        return ancestors_of(lineages, organism_id, self.front(), islands[0].dataset.names, most)

    def checkpoint(self, path: str | os.PathLike[str], *, keep: int = 1) -> None:
        """Writes all islands into one file; see `Island.checkpoint`."""
        with self._standing_still() as (description, sections):
            checkpoint.save(path, description, sections, keep=keep)

    def state(self) -> bytes:
        """What `checkpoint` writes, for `resume`."""
        with self._standing_still() as (description, sections):
            return checkpoint.as_bytes(description, sections)

    @contextlib.contextmanager
    def _standing_still(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """The description and sections of all islands, none of which moves meanwhile."""
        seeds = [island.seed for island in self.islands]
        description = {**self.islands[0].description(), "seeds": seeds, "exchange_interval": self.exchange_interval}
        with contextlib.ExitStack() as commands:
            sections: dict[str, Any] = {}
            for k, island in enumerate(self.islands):
                commands.enter_context(island._command())
                sections |= checkpoint.of_island(k, len(seeds), island.sections())
            yield description, sections

    @classmethod
    def resume(
        cls,
        source: str | os.PathLike[str] | bytes,
        dataset: Dataset,
        *,
        sandbox: str = "on",
        loss_function: LossFunction | None = None,
        exchange_interval: int | None = None,
        **changes: Any,
    ) -> Archipelago:
        """The run of a checkpoint - its path, or what `state` gave - on the same table, with as many islands as it had.

        Raises CheckpointError.
        """
        saved = checkpoint.load(source, dataset.fingerprint(), own_loss=loss_function is not None)
        dataset = holding_to(saved.path, saved.units, dataset)
        with contextlib.ExitStack() as started:
            islands = []
            for k, seed in enumerate(saved.seeds):
                island = Island(dataset, saved.parameters, seed=seed, sandbox=sandbox, loss_function=loss_function)
                islands.append(started.enter_context(island))
                island._restore(saved, saved.of_island(k))
                if waiting := saved.immigrants(k):
                    island.import_(waiting)
                if changes:
                    island.update(**changes)
            started.pop_all()
        archipelago = cls.__new__(cls)
        archipelago._begin(islands, exchange_interval or saved.exchange_interval or EXCHANGE_INTERVAL)
        return archipelago

    def close(self) -> None:
        """Ends every island."""
        for island in self.islands:
            island.close()
        self._threads.shutdown()

    def __enter__(self) -> Archipelago:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _side_by_side(self, command: Any) -> None:
        """Runs a command on every island; Ctrl-C interrupts all of them and waits until they stand still."""
        if len(self.islands) == 1:
            command(self.islands[0])
            return
        futures = [self._threads.submit(command, island) for island in self.islands]
        try:
            wait(futures)
        except BaseException:
            try:
                for island in self.islands:
                    island.interrupt(True)
                wait(futures)
            finally:
                for island in self.islands:
                    island.interrupt(False)
            raise
        for future in futures:
            future.result()

    def _exchange(self) -> None:
        """Every island's front moves on to the next one in the ring."""
        emigrants = [(island.export("front"), island.lineage) for island in self.islands]
        if len(emigrants) > 1:
            for island, (record, lineage) in zip(self.islands, emigrants[-1:] + emigrants[:-1], strict=True):
                island.import_(record)
                if island.lineage is not None and lineage is not None:
                    adopt(island.lineage, lineage)
