"""The first generation of an island: formulas to start from, mutated copies of them, and random organisms for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vgp import founding, immigration
from vgp.errors import InputError
from vgp.evolution import Engine
from vgp.formula import parse
from vgp.layout import Genome, batch

REFUSED = {
    "inconsistent_units": "its units do not hold",
    "constraints": "it breaks the constraints",
    "too_long": "it has {nodes} nodes, more than max_size; raise --max-size",
    "too_deep": "it is too deep; raise max_depth",
}


@dataclass(frozen=True)
class ImportReport:
    """What became of immigrants: how many live, were held already, found no room, or were refused and why."""

    accepted: int
    duplicate: int
    no_room: int
    rejected: Mapping[str, int] = field(default_factory=dict)


def read_formulas(engine: Engine, formulas: Sequence[str], names: Sequence[str]) -> list[Genome]:
    """The genomes of formulas over the columns' names.

    Raises FormulaError for one that cannot be read, InputError for one that is too large or whose units do not hold.
    """
    genomes = [parse(formula, names) for formula in formulas]
    for formula, nodes in zip(formulas, genomes, strict=True):
        reason = founding.refusal(engine, nodes)
        if reason is not None:
            shown = " ".join(formula.split())
            why = REFUSED.get(reason, f"it cannot be used ({reason})").format(nodes=len(nodes))
            raise InputError(f'the formula to start from "{shown[:60]}": {why}')
    return genomes


def found(engine: Engine, genomes: Sequence[Genome], share: float) -> ImportReport:
    """Lets the genomes live, then fills the population: `share` of it with mutated copies of them, if there are any."""
    nodes, offsets = batch(list(genomes))
    report = immigration.immigrate(engine, nodes, offsets, [True] * len(genomes))
    founding.create(engine, nodes, offsets, share)
    return ImportReport(**report)
