"""A population's way to another table: the same columns and target, other rows. Organisms stay what they are; losses are new."""

from __future__ import annotations

from collections.abc import Sequence

from vgp import state
from vgp.checkpoint_file import buffers
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.evolution import Engine
from vgp.units import Units


def refuse_other_columns(owner: str, names: Sequence[str], target: str, dataset: Dataset) -> None:
    """Raises InputError unless the table has these columns, in this order, and this target. `owner` says whose they are."""
    if dataset.target != target:
        raise InputError(f"{owner}: explains '{target}', but the target of {dataset.origin} is '{dataset.target}'")
    if dataset.names != tuple(names):
        differing = sorted(set(names) ^ set(dataset.names))
        what = f"column '{differing[0]}' is in only one of them" if differing else "they stand in another order"
        raise InputError(f"{owner}: its columns are not those of {dataset.origin}: {what}; give a table with {', '.join(names)}")


def holding_to(owner: str, units: Units | None, dataset: Dataset) -> Dataset:
    """The table with the units that an existing population holds to, if it has none of its own.

    Raises InputError where it has others. `owner` says whose population it is.
    """
    if units is None and dataset.units is None:
        return dataset
    if units is None:
        raise InputError(f"{owner}: was begun without units; leave out --units, or start anew")
    if dataset.units is None:
        return dataset.carrying(units)
    if not units.same_dimensions(dataset.units):
        begun = units.describe(dataset.target)
        raise InputError(f"{owner}: was begun with other units ({begun}); leave out --units, or start anew")
    return dataset


def carry_over(old: Engine, new: Engine) -> None:
    """The whole state of one engine into another, freshly made, and what it has counted; losses are still the old ones."""
    state.restore(new, {name: b"".join(buffers(content)) for name, content in state.sections(old).items()})
    state.go_on_counting(new, old)
