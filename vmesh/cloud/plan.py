"""What has to be launched and what ended, so that there are as many instances as asked for. Pure: a list in, a plan out.

A node that is well is never touched: too few are filled up from the lowest free index on, of too many those with the highest
indexes go. So the same number a second time changes nothing, whichever nodes have died in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vmesh.cloud.instances import ALIVE, DEVSERVER, ENDED, Instance


@dataclass(frozen=True, slots=True)
class Plan:
    """`missing`: the indexes to launch, or the numbers 0, 1, ... of development servers."""

    kept: tuple[Instance, ...] = ()
    missing: tuple[int, ...] = ()
    surplus: tuple[Instance, ...] = ()  # well, but too many
    dead: tuple[Instance, ...] = ()  # stopped, without an index, or with one that another has: not usable, but paid
    ended: tuple[Instance, ...] = field(default=(), repr=False)  # that AWS still tells of

    @property
    def ending(self) -> tuple[Instance, ...]:
        """All that are to be terminated."""
        return (*self.dead, *self.surplus)

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.missing or self.ending)


def for_nodes(found: Iterable[Instance], count: int) -> Plan:
    """The way to `count` nodes."""
    costing, ended = divided(found)
    well: dict[int, Instance] = {}
    dead: list[Instance] = []
    for one in sorted(costing, key=lambda one: (one.launched, one.instance)):  # of two with one index the older has the work
        if one.state in ALIVE and one.index is not None and one.index not in well:
            well[one.index] = one
        else:
            dead.append(one)
    kept = sorted(well)[:count]
    surplus = sorted(well)[count:]
    free = (index for index in range(count) if index not in well)
    missing = tuple(index for _, index in zip(range(count - len(kept)), free, strict=False))
    return Plan(tuple(well[i] for i in kept), missing, tuple(well[i] for i in reversed(surplus)), tuple(dead), ended)


def for_devserver(found: Iterable[Instance]) -> Plan:
    """The way to one development server."""
    costing, ended = divided(found)
    well = [one for one in sorted(costing, key=lambda one: (one.launched, one.instance)) if one.state in ALIVE]
    dead = [one for one in costing if one.state not in ALIVE]
    return Plan(tuple(well[:1]), () if well else (0,), tuple(well[1:]), tuple(dead), ended)


def for_role(role: str, found: Iterable[Instance], count: int) -> Plan:
    """The plan for that role."""
    return for_devserver(found) if role == DEVSERVER else for_nodes(found, count)


def divided(found: Iterable[Instance]) -> tuple[list[Instance], tuple[Instance, ...]]:
    """Those that cost money, and those that ended."""
    rows = list(found)
    return [one for one in rows if one.state not in ENDED], tuple(one for one in rows if one.state in ENDED)


def shares(indexes: Sequence[int], loads: Sequence[int]) -> list[list[int]]:
    """The indexes spread over places that have `loads` instances already, as level as can be, each place's in one stretch."""
    counts = [0] * len(loads)
    for _ in indexes:
        place = min(range(len(loads)), key=lambda place: (loads[place] + counts[place], place))
        counts[place] += 1
    rest = sorted(indexes)
    dealt = []
    for count in counts:
        dealt.append(rest[:count])
        rest = rest[count:]
    return dealt
