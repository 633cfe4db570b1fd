"""The family tree of an organism, told from what a lineage remembers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

from vgp.algebra import scaled, simplify
from vgp.ancestors import Ancestor
from vgp.choice import choose
from vgp.errors import InputError
from vgp.export import to_text
from vgp.front import Front, FrontEntry
from vgp.layout import Genome
from vgp.lineage import Lineage

MOST_TOLD = 60  # ancestors that a model keeps: more than a picture has room for


def ancestors_of(
    lineages: Sequence[Lineage | None], organism_id: int | None, front: Front, names: Sequence[str], most: int | None = None
) -> tuple[Ancestor, ...]:
    """The ancestors of an organism that one of the lineages remembers, eldest first, itself last.

    The line of mothers (first parents) back to a founder, or to where memory begins, and before each of its members the father (the
    second parent) if he is known. Every id comes once: where a genome died and was bred again in one line, the detour is left out.
    A parent that is named stands before its child or is not told of: fathers' own parents are forgotten.

    Args:
        lineages: of the islands of a run, in order; None: of one that does not follow its lineage.
        organism_id: None: the best of the front that is remembered; () if none is, before anybody lives.
        names: of the table's columns.
        most: tells of so many at most, the youngest; each costs about a millisecond. None: of all.

    Raises InputError where a lineage is not followed, or for an organism that nobody remembers.
    """
    followed = [lineage for lineage in lineages if lineage is not None]
    if len(followed) < len(lineages):
        raise InputError("no lineage is kept; call follow_lineage() before the ticks that it should tell of")
    for wanted in [entry.id for entry in reversed(front)] if organism_id is None else [organism_id]:
        for lineage in followed:
            if told := _told(lineage, wanted, names, most):
                return told
    if organism_id is not None:
        raise InputError(f"organism {organism_id:016x} is not remembered: neither it nor anybody that descends from it is alive")
    return ()


def _told(lineage: Lineage, organism_id: int, names: Sequence[str], most: int | None) -> tuple[Ancestor, ...]:
    if not 0 < organism_id < 2**64:
        return ()
    births, is_father, nodes, offsets = lineage.line(organism_id)
    youngest = slice(None if most is None else -most, None)
    formulas = [nodes[a:b] for a, b in pairwise(offsets)][youngest]
    told = [_ancestor(birth, formula, names) for birth, formula in zip(births[youngest], formulas, strict=True)]
    return _in_order(*_without_detours(told, is_father[youngest].tolist())) if told else ()


def _ancestor(birth: Any, nodes: Genome, names: Sequence[str]) -> Ancestor:
    formula = to_text(simplify(scaled(nodes, float(birth["slope"]), float(birth["intercept"]))), names, digits=6)
    parents = tuple(dict.fromkeys(int(parent) for parent in birth["parents"] if parent))
    return Ancestor(int(birth["id"]), parents, int(birth["tick"]), float(birth["loss"]), int(birth["size"]), formula)


def _without_detours(told: Sequence[Ancestor], is_father: Sequence[bool]) -> tuple[list[Ancestor], list[Ancestor]]:
    """The line of mothers in which every id comes once, and the fathers of its members.

    Where an organism descends from its own genome, it is as old as that one; what lies between is as if it had not been.
    """
    line: dict[int, Ancestor] = {}
    father_of: dict[int, Ancestor] = {}
    father: Ancestor | None = None
    for one, aside in zip(told, is_father, strict=True):
        if aside:
            father = one
            continue
        if one.id in line:
            line[one.id] = replace(one, parents=line[one.id].parents, tick=line[one.id].tick)
            while (youngest := next(reversed(line))) != one.id:
                del line[youngest]
                father_of.pop(youngest, None)
        else:
            line[one.id] = one
            if father is not None:
                father_of[one.id] = father
        father = None
    return list(line.values()), list(father_of.values())


def _in_order(line: Sequence[Ancestor], fathers: Sequence[Ancestor]) -> tuple[Ancestor, ...]:
    """By tick, every id once. A father who died and was bred again later, in the line of his child, is not named as its parent."""
    known = {one.id: one for one in line}
    for father in fathers:
        known.setdefault(father.id, father)
    tick = {one.id: one.tick for one in known.values()}
    told = [
        replace(one, parents=tuple(parent for parent in one.parents if tick.get(parent, -1) < one.tick)) for one in known.values()
    ]
    return tuple(sorted(told, key=lambda one: one.tick))


class Remembering(Protocol):
    """An island, or several, that follow their lineage."""

    def ancestors(self, organism_id: int | None = None, most: int | None = None) -> tuple[Ancestor, ...]: ...


def lineage_of(
    islands: Remembering, front: Sequence[FrontEntry], rows: int, loss: str, seeking: str = "law"
) -> tuple[Ancestor, ...]:
    """The family tree of the entry of a front, not yet polished, that would be recommended; () where nobody remembers it."""
    if not len(front):
        return ()
    with contextlib.suppress(InputError):
        return islands.ancestors(front[choose(front, rows, loss, seeking=seeking)].id, MOST_TOLD)
    return ()
