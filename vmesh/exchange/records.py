"""Portable records taken apart and put together: what a record calls and does not carry, some of a record, several in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from vgp import genome
from vgp.genome import Bundle
from vgp.layout import REFERENCE, Genome, batch
from vmesh.population import Population

#: Header and checksum of a record: one without organisms is no longer.
EMPTY = 24
#: Organisms too large for a message that are tried before the others are left for another time.
PASSED_OVER = 8

GenomeOf = Callable[[int], Genome | None]


def roots(bundle: Bundle) -> list[int]:
    """Ids of the organisms that were exported for their own sake."""
    return bundle.ids[bundle.is_root].tolist()


def called(nodes: Genome) -> set[int]:
    """Ids that these nodes call."""
    return set(nodes["payload"][nodes["op"] == REFERENCE].tolist())


def outside(bundle: Bundle) -> set[int]:
    """Ids that are called and not carried."""
    return called(bundle.nodes).difference(bundle.ids.tolist())


def genomes(bundle: Bundle) -> dict[int, Genome]:
    """id -> genome of all that is carried."""
    return {id: bundle.genome(i) for i, id in enumerate(bundle.ids.tolist())}


def assemble(wanted: Iterable[int], genome_of: GenomeOf) -> bytes:
    """An open record: these as roots, callees first, with all that they call as far as `genome_of` gives it.

    Ids are not proof against intent: organisms of several records may seem to call each other in a circle. Then the order is wrong
    and whoever decodes the record says so.
    """
    chosen = list(dict.fromkeys(wanted))
    order: dict[int, Genome] = {}
    entered: set[int] = set()
    stack = [(id, False) for id in reversed(chosen)]
    while stack:
        id, callees_done = stack.pop()
        body = None if id in order else genome_of(id)
        if body is None or (id in entered and not callees_done):
            continue
        if callees_done:
            order[id] = body
            continue
        entered.add(id)
        stack.append((id, True))
        stack += ((callee, False) for callee in called(body))
    own = set(chosen)
    return genome.encode_bundle(*batch(list(order.values())), [id in own for id in order], open=True)


def nothing() -> bytes:
    """A record without organisms."""
    return genome.encode_bundle(*batch([]))


def only(bundle: Bundle, wanted: Sequence[int]) -> bytes:
    """A record of these roots of a bundle, with what they call of it."""
    own, place = set(wanted), {id: i for i, id in enumerate(bundle.ids.tolist())}
    root = np.array([id in own for id in place])
    needed = root.copy()
    calls = np.flatnonzero(bundle.nodes["op"] == REFERENCE)[::-1]  # callers before callees
    callers = np.searchsorted(bundle.offsets, calls, side="right") - 1
    for caller, callee in zip(callers.tolist(), bundle.nodes["payload"][calls].tolist(), strict=True):
        if needed[caller] and callee in place:
            needed[place[callee]] = True
    sizes = np.diff(bundle.offsets)
    offsets = np.zeros(np.count_nonzero(needed) + 1, np.uint32)
    np.cumsum(sizes[needed], out=offsets[1:])
    return genome.encode_bundle(bundle.nodes[np.repeat(needed, sizes)], offsets, root[needed], open=True)


def pack(population: Population, ids: Sequence[int], limit: int, callees: bool = True) -> tuple[bytes, Sequence[int]] | None:
    """(record, ids in it): the first of the ids, as many as fit into `limit` bytes. None: nothing of it is held, or fits.

    One that does not fit with all that it calls goes without; its callees have to be asked for. One that does not fit at all is
    passed over.
    """
    for start in range(min(len(ids), PASSED_OVER)):
        chosen = ids[start:]
        record = population.export(chosen, callees=callees)
        while len(record) > limit and len(chosen) > 1:
            chosen = chosen[: len(chosen) // 2]
            record = population.export(chosen, callees=callees)
        if len(record) > limit and callees:
            record = population.export(chosen, callees=False)
        if EMPTY < len(record) <= limit:
            return record, chosen
    return None
