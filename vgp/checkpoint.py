"""Checkpoints of islands: what stands in the container's sections, and what is asked of a file before it is resumed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vgp.checkpoint_bytes import ORIGIN, decoded, encoded
from vgp.checkpoint_file import Recovered, newest_valid, write_checkpoint
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.parameters import Parameters
from vgp.units import Units, units_from

VERSION = 2
IMMIGRANTS = "immigrants"  # section of an island that is between two rounds, see vgp/backends/rounds.py


@dataclass(frozen=True)
class Saved:
    """A checkpoint that was found whole. `damaged` says in one line each which newer files were not."""

    path: str
    parameters: Parameters
    seeds: tuple[int, ...]  # of its islands
    fingerprint: str  # of the table
    names: tuple[str, ...]  # of the table's columns
    target: str
    units: Units | None
    exchange_interval: int
    sections: Mapping[str, memoryview]
    damaged: tuple[str, ...]

    def of_island(self, k: int) -> Mapping[str, memoryview]:
        """The sections of one of them. Raises CheckpointError where it has none."""
        if len(self.seeds) == 1:
            return self.sections
        prefix = f"{k}."
        parts = {name.removeprefix(prefix): content for name, content in self.sections.items() if name.startswith(prefix)}
        if not parts:
            raise CheckpointError(f"{self.path}: the checkpoint has no island {k}")
        return parts

    def immigrants(self, k: int) -> bytes:
        """The portable record of those that island k has been sent and not yet let in; empty where there are none."""
        return bytes(self.of_island(k).get(IMMIGRANTS, b""))


def of_island(k: int, islands: int, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Sections of island k, named as in a checkpoint of so many islands."""
    return {f"{k}.{name}": content for name, content in sections.items()} if islands > 1 else dict(sections)


def description(
    dataset: Dataset, parameters: Parameters, *, seeds: Sequence[int], exchange_interval: int, own_loss: bool
) -> dict[str, Any]:
    """What a checkpoint says about its islands in plain values."""
    return {
        "parameters": parameters.as_dict(),
        "seeds": list(seeds),
        "exchange_interval": exchange_interval,
        "own_loss": own_loss,
        "fingerprint": dataset.fingerprint(),
        "names": list(dataset.names),
        "target": dataset.target,
        "units": dataset.units.as_dict() if dataset.units else None,
    }


def save(path: str | os.PathLike[str], description: Mapping[str, Any], sections: Mapping[str, Any], *, keep: int = 1) -> None:
    """Writes an island's description and state atomically. Raises CheckpointError naming the file."""
    write_checkpoint(path, {"description": _head(description), **sections}, keep=keep)


def as_bytes(description: Mapping[str, Any], sections: Mapping[str, Any]) -> bytes:
    """The same as `save` writes. Raises CheckpointError where memory is short."""
    return encoded({"description": _head(description), **sections})


def _head(description: Mapping[str, Any]) -> bytes:
    return json.dumps({"version": VERSION, **description}).encode()


def load(source: str | os.PathLike[str] | bytes, fingerprint: str | None = None, *, own_loss: bool | None = None) -> Saved:
    """The newest whole checkpoint at a path, or that of bytes. Raises CheckpointError if there is none, or it belongs to another
    table or loss."""
    found = Recovered(ORIGIN, decoded(source), ()) if isinstance(source, bytes) else newest_valid(source)
    try:
        description = json.loads(bytes(found.sections["description"]))
        if description["version"] != VERSION:
            raise CheckpointError(f"{found.path}: was written by format {description['version']}; this vgp reads format {VERSION}")
        belongs, names = str(description["fingerprint"]), tuple(map(str, description["names"]))
        target = str(description.get("target"))
        units = units_from(description["units"], names) if description.get("units") else None
        parameters = Parameters(**description["parameters"])
        seeds = tuple(int(seed) for seed in description["seeds"])
        interval = int(description["exchange_interval"])
        if not seeds or interval < 0:
            raise ValueError("it names no island")
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, InputError) as error:
        raise CheckpointError(f"{found.path}: is no checkpoint of an island ({error})") from None
    if fingerprint is not None and belongs != fingerprint:
        raise CheckpointError(
            f"{found.path}: belongs to another table (target {target}, columns {', '.join(names)}); resume it on that one"
        )
    if own_loss is not None and own_loss != bool(description.get("own_loss")):
        source = "the built-in loss" if own_loss else "a function in Python; give that one again"
        raise CheckpointError(f"{found.path}: its losses come from {source}")
    damaged = tuple(map(str, found.damaged))
    return Saved(found.path, parameters, seeds, belongs, names, target, units, interval, found.sections, damaged)


def naming(path: str, action: Callable[..., None], *arguments: Any) -> None:
    """Runs the action; a CheckpointError from it gets the file's name put before it."""
    try:
        action(*arguments)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
