"""The front: the best organism of each size that beats every smaller one, as plain formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from vgp import genome
from vgp.algebra import scaled, simplify
from vgp.export import to_text
from vgp.layout import CONSTANT, Genome, constant_value


@dataclass(frozen=True, eq=False)
class FrontEntry:
    """One formula of the front: intercept + slope * f."""

    size: int  # nodes of the plain formula f
    loss: float  # on the training rows, in units of the loss
    r2: float  # share of the target's variance explained; NaN unless the loss is squared
    nodes: Genome  # f, all calls written out
    slope: float
    intercept: float
    id: int  # of the organism, which may call others
    names: tuple[str, ...]  # of the variables
    # standard errors of the constants of f in order, of slope and intercept, where they were worked out; 0 for a recognised number
    errors: tuple[float, ...] = ()

    @property
    def constants(self) -> int:
        """Constants in f: slope and intercept are not among them. Recognised numbers are: the data chose them, too."""
        return int(np.count_nonzero(self.nodes["op"] == CONSTANT))

    @property
    def uncertain(self) -> list[tuple[str, float, float]]:
        """(name, value, standard error) of what was fitted: intercept, slope, and the constants of f in order, c1, c2, ..."""
        if not self.errors:
            return []
        values = [constant_value(int(payload)) for payload in self.nodes["payload"][self.nodes["op"] == CONSTANT]]
        names = [f"c{i + 1}" for i in range(len(values))]
        parts = zip([*names, "slope", "intercept"], [*values, self.slope, self.intercept], self.errors, strict=True)
        *constants, slope, intercept = [part if part[2] > 0 else None for part in parts]
        return [part for part in (intercept, slope, *constants) if part is not None]

    @cached_property
    def formula(self) -> str:
        """The whole formula, six significant digits."""
        return to_text(simplify(scaled(self.nodes, self.slope, self.intercept)), self.names, digits=6)


@dataclass(frozen=True)
class Front(Sequence[FrontEntry]):
    """Entries by increasing size and decreasing loss: no entry is beaten in both."""

    entries: tuple[FrontEntry, ...]

    def __len__(self) -> int:
        return len(self.entries)

    @overload
    def __getitem__(self, index: int) -> FrontEntry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[FrontEntry, ...]: ...
    def __getitem__(self, index: int | slice) -> FrontEntry | tuple[FrontEntry, ...]:
        return self.entries[index]

    def __iter__(self) -> Iterator[FrontEntry]:
        return iter(self.entries)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from vgp.front_html import front_html

        return front_html(self.entries, None, "the target")

    @property
    def best(self) -> FrontEntry:
        """The entry with the least loss. Raises IndexError on an empty front."""
        return self.entries[-1]


def merge(fronts: Sequence[Front], rounding: float = 0.0, gain: float = 0.0) -> Front:
    """The front of several fronts: each entry's loss is below the one before by more than `gain`, a share of it. It ends with the
    first entry whose loss is not above `rounding`: what rounding alone leaves.
    """
    candidates = sorted((entry for front in fronts for entry in front), key=lambda entry: (entry.size, entry.loss))
    kept: list[FrontEntry] = []
    for entry in candidates:
        if not kept or entry.loss < (1.0 - gain) * kept[-1].loss:
            kept.append(entry)
            if entry.loss <= rounding:
                break
    return Front(tuple(kept))


def rounding_loss(y: np.ndarray, precision: str) -> float:
    """The mean squared error that rounding in the table's precision makes of an exact law: (4 eps RMS(y))^2."""
    return float(np.mean(np.square(y)) * (4.0 * np.finfo(precision).eps) ** 2)


def make_entry(record: np.void, nodes: Genome, offsets: np.ndarray, names: tuple[str, ...], variance: float) -> FrontEntry:
    """An entry from an organism's standing and its genomes (itself last, callees before it)."""
    held = {
        int(organism_id): nodes[offsets[i] : offsets[i + 1]] for i, organism_id in enumerate(genome.ids(nodes, offsets))
    }
    own = nodes[offsets[-2] : offsets[-1]]
    flat = genome.flatten(own, held.get)
    return FrontEntry(
        size=len(flat),
        loss=float(record["loss"]),
        r2=1.0 - float(record["loss"]) / variance,
        nodes=flat,
        slope=float(record["slope"]),
        intercept=float(record["intercept"]),
        id=int(record["id"]),
        names=names,
    )
