"""Several islands on the cores of one machine, in threads of this process, joined in a ring.

The islands advance side by side (the engine works without the GIL, each island has a sandbox of its own) and exchange their best
between ticks, in a fixed order: the same seed and number of islands give the same run, however the threads are scheduled.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp import checkpoint, state
from vgp.adoption import adopt
from vgp.ancestors import Ancestor, ancestors_of
from vgp.blocks import with_found_blocks
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.front import Front, merge
from vgp.island import Island
from vgp.moving import holding_to
from vgp.own_loss import LossFunction
from vgp.parameters import Parameters

EXCHANGE_INTERVAL = 10  # ticks between two exchanges; see docs/laws.md
SUMMED = (
    *("evaluations", "node_evaluations", "births", "duplicates", "oversized", "stillborn", "immigrants"),
    *("living", "retained", "referenced"),
)


class Archipelago:
    """`jobs` islands of `Parameters` each; with jobs=1 the same run as `Island` of that seed.

    Raises what `Island` raises.
    """

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
        more = np.random.SeedSequence(seed % 2**64).generate_state(jobs - 1, np.uint64)
        seeds = [seed, *map(int, more)]
        with contextlib.ExitStack() as started:
            islands = [
                started.enter_context(Island(dataset, parameters, seed=s, sandbox=sandbox, loss_function=loss_function))
                for s in seeds
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
        return _over_islands([part[len(part) - length :] for part in parts])

    def latest(self) -> np.void:
        """The last tick's record over all islands. Raises IndexError before there is one."""
        return _over_islands([island.latest() for island in self.islands])

    def front(self) -> Front:
        """The front over all islands."""
        return merge([island.front() for island in self.islands], self.islands[0].rounding)

    def follow_lineage(self) -> None:
        """From now on every island remembers whom its living descend from; see `Island.follow_lineage`."""
        self._side_by_side(lambda island: island.follow_lineage())

    def ancestors(self, organism_id: int | None = None) -> tuple[Ancestor, ...]:
        """The family tree of the best of all islands, or of one that is remembered on any of them; see `Island.ancestors`.

        Immigrants bring their lines along, as long as both islands follow their lineage.
        """
        islands = self.islands
        return ancestors_of([island.lineage for island in islands], organism_id, self.front(), islands[0].dataset.names)

    def checkpoint(self, path: str | os.PathLike[str], *, keep: int = 1) -> None:
        """Writes all islands into one file; see `Island.checkpoint`."""
        seeds = [island.seed for island in self.islands]
        description = {**self.islands[0].description(), "seeds": seeds, "exchange_interval": self.exchange_interval}
        prefixes = [f"{k}." for k in range(len(seeds))] if len(seeds) > 1 else [""]
        with contextlib.ExitStack() as standing_still:
            sections: dict[str, Any] = {}
            for prefix, island in zip(prefixes, self.islands, strict=True):
                standing_still.enter_context(island._command())
                sections |= {prefix + name: content for name, content in state.sections(island._engine).items()}
            checkpoint.save(path, description, sections, keep=keep)

    @classmethod
    def resume(
        cls,
        path: str | os.PathLike[str],
        dataset: Dataset,
        *,
        sandbox: str = "on",
        loss_function: LossFunction | None = None,
        exchange_interval: int | None = None,
        **changes: Any,
    ) -> Archipelago:
        """The run of a checkpoint, on the same table, with as many islands as it had. Raises CheckpointError."""
        saved = checkpoint.load(path, dataset.fingerprint(), own_loss=loss_function is not None)
        dataset = holding_to(saved.path, saved.units, dataset)
        with contextlib.ExitStack() as started:
            islands = []
            for k, seed in enumerate(saved.seeds):
                island = Island(dataset, saved.parameters, seed=seed, sandbox=sandbox, loss_function=loss_function)
                islands.append(started.enter_context(island))
                island._restore(saved, _of_island(saved, k) if len(saved.seeds) > 1 else saved.sections)
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


def _over_islands(parts: Sequence[Any]) -> Any:
    """Records of the same ticks on several islands as one: counts are sums, best_loss the least, the rest means."""
    if len(parts) == 1:
        return parts[0]
    stacked = np.stack(parts)
    out = stacked[0].copy()
    for name in out.dtype.names or ():
        if name in SUMMED or name.startswith(("invalid_", "deaths_")):
            out[name] = stacked[name].sum(axis=0)
        elif name != "tick":
            out[name] = stacked[name].min(axis=0) if name == "best_loss" else stacked[name].mean(axis=0)
    return out


def _of_island(saved: checkpoint.Saved, k: int) -> dict[str, memoryview]:
    prefix = f"{k}."
    parts = {name.removeprefix(prefix): content for name, content in saved.sections.items() if name.startswith(prefix)}
    if not parts:
        raise CheckpointError(f"{saved.path}: the checkpoint has no island {k}")
    return parts
