"""One island for some ticks, as a pure function of what it is given: the same task gives the same result to the last bit, wherever
and however often it runs. So a task that is lost with its worker is run again elsewhere, and nothing is lost or done twice.

Only the seconds that ticks took differ (`vgp.statistics.REPRODUCIBLE`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.checkpoint_bytes import ORIGIN, decoded, encoded
from vgp.dataset import Dataset
from vgp.front import Front
from vgp.island import Island
from vgp.own_loss import LossFunction
from vgp.parameters import Parameters
from vgp.statistics import TICK_RECORD


@dataclass(frozen=True, eq=False)
class Shared:
    """What all tasks of a run have in common, and what travels once."""

    dataset: Dataset
    sandbox: str
    loss_function: LossFunction | None


@dataclass(frozen=True)
class Task:
    """An island and how long it is to live."""

    parameters: Parameters  # with the blocks that were found
    seed: int
    state: bytes | None  # sections of its engine, the history's last record only; None: it is to be created
    formulas: tuple[str, ...] = ()  # to create it from
    immigrants: bytes = b""  # portable record of those to let in first
    ticks: int = 0


@dataclass(frozen=True)
class Lived:
    """What became of it."""

    state: bytes
    emigrants: bytes  # its front as a portable record
    records: npt.NDArray[np.void]  # TICK_RECORD: one for each new tick
    front: Front


def live(shared: Shared, task: Task) -> Lived:
    """Raises what `Island` raises: InputError, SandboxError, FormulaError."""
    began_with: dict[str, Any] = {"sandbox": shared.sandbox, "loss_function": shared.loss_function}
    with Island(shared.dataset, task.parameters, seed=task.seed, **began_with) as island:
        known = _begin(island, task)
        if task.ticks:
            island.advance(task.ticks)
        return Lived(packed(island), island.export("front"), island.statistics()[known:], island.front())


def _begin(island: Island, task: Task) -> int:
    """Creates or restores the island; returns how many tick records it brought along."""
    if task.state is None:
        island.create(task.formulas)
        return 0
    island.restore(decoded(task.state), ORIGIN)
    known = len(island.statistics())
    if task.immigrants:
        island.import_(task.immigrants)
    return known


def packed(island: Island) -> bytes:
    """The island's engine with the last of its tick records: the others stay with whoever drives the run."""
    sections = island.sections()
    return encoded({**sections, "history": sections["history"][-TICK_RECORD.itemsize :]})
