"""Organisms in and out of an engine: what the front holds, genomes with all they refer to, immigrants evaluated as strangers."""

import numpy as np

from vgp.layout import NODE

from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy, memset

from vgp.core cimport GenomeError, GenomeLimits, Node, Opcode_reference, Status, genome_depth, genome_error_name, genome_id, \
    validate
from vgp.evolution cimport Engine, hold
from vgp.population cimport LIVING, NEWBORN, NOWHERE, Organism, genome_of, population_find, population_retain
from vgp.records cimport TickRecord
from vgp.variation.draft cimport Draft, draft_copy

#: One organism's standing, without its genome: the fields of population.Organism.
ORGANISM = np.dtype(
    [("id", "u8"), ("parent_a", "u8"), ("parent_b", "u8"), ("signature", "u8"), ("loss", "f8"), ("slope", "f8"), ("intercept", "f8"),
     ("energy", "f8"), ("born", "u4"), ("position", "u4"), ("callers", "u4"), ("cost", "u4"), ("expanded", "u4"), ("size", "u2"),
     ("depth", "u1"), ("calls", "u1"), ("height", "u1"), ("state", "u1"), ("spare", "u1", 6)], align=True)
assert ORGANISM.itemsize == sizeof(Organism)


def living(Engine engine):
    """All living organisms: ORGANISM records [n], in no order."""
    cdef uint32_t i
    cdef uintptr_t address
    hold(engine)
    try:
        out = np.empty(engine.p.n_living, ORGANISM)
        address = out.ctypes.data
        for i in range(engine.p.n_living):
            memcpy(<void*> (address + i * sizeof(Organism)), &engine.p.organisms[engine.p.living[i]], sizeof(Organism))
        return out
    finally:
        engine.lock.unlock()


def champions(Engine engine):
    """The best organism of each size that is better than every smaller one: ORGANISM records, sizes increasing."""
    cdef uint32_t size, slot
    cdef double least = float("inf")
    cdef uintptr_t address
    cdef uint32_t n = 0
    hold(engine)
    try:
        out = np.empty(engine.p.expanded_limit + 1, ORGANISM)
        address = out.ctypes.data
        for size in range(engine.p.expanded_limit + 1):
            slot = engine.p.best_of_size[size]
            if slot != NOWHERE and engine.p.organisms[slot].loss < least:
                least = engine.p.organisms[slot].loss
                memcpy(<void*> (address + n * sizeof(Organism)), &engine.p.organisms[slot], sizeof(Organism))
                n += 1
        return out[:n].copy()
    finally:
        engine.lock.unlock()


def genomes(Engine engine, ids):
    """The genomes with these ids and all that they call, callees first.

    Returns (nodes: NODE [total], offsets: uint32 [n + 1], is_root: bool [n]); ids that are not held are left out.
    """
    cdef uint32_t slot
    order = {}
    roots = set()
    wanted = [organism_id for organism_id in map(int, ids) if 0 < organism_id < 2**64]
    hold(engine)
    try:
        for organism_id in wanted:
            slot = population_find(engine.p, <uint64_t> organism_id)
            if slot != NOWHERE:
                roots.add(slot)
                visit(engine, slot, order)
        return pack(engine, list(order), roots)
    finally:
        engine.lock.unlock()


cdef visit(Engine engine, uint32_t slot, dict order):
    """Depth first, callees before callers; the depth of calls is bounded by MAX_REFERENCE_DEPTH."""
    cdef Node* nodes = genome_of(engine.p, slot)
    cdef uint32_t i
    if slot in order:
        return
    if engine.p.organisms[slot].calls:
        for i in range(engine.p.organisms[slot].size):
            if nodes[i].op == Opcode_reference:
                visit(engine, population_find(engine.p, nodes[i].reference), order)
    order[slot] = None


cdef pack(Engine engine, list slots, set roots):
    cdef uint32_t slot, k
    offsets = np.zeros(len(slots) + 1, np.uint32)
    for k, slot in enumerate(slots):
        offsets[k + 1] = offsets[k] + engine.p.organisms[slot].size
    nodes = np.empty(offsets[len(slots)], NODE)
    cdef uintptr_t address = nodes.ctypes.data
    for slot in slots:
        memcpy(<void*> address, genome_of(engine.p, slot), engine.p.organisms[slot].size * sizeof(Node))
        address += engine.p.organisms[slot].size * sizeof(Node)
    return nodes, offsets, np.array([slot in roots for slot in slots], bool)


def immigrate(Engine engine, nodes, offsets, is_root):
    """Installs genomes (callees before callers), evaluates the roots as strangers and lets them in like newborns.

    Returns a dict of counts: accepted, duplicate, no_room, rejected (by reason). Nothing that came with a genome is believed.
    """
    cdef TickRecord record
    cdef uint32_t i, n = 0
    cdef list travelling = []
    report = {"accepted": 0, "duplicate": 0, "no_room": 0, "rejected": {}}
    nodes = np.ascontiguousarray(nodes, NODE)
    cdef uintptr_t address = nodes.ctypes.data
    cdef const uint32_t[::1] at = np.ascontiguousarray(offsets, np.uint32)
    memset(&record, 0, sizeof(record))
    try:
        for i in range(len(is_root)):
            n = admit(engine, <const Node*> address + at[i], at[i + 1] - at[i], is_root[i], n, travelling, report)
            if n == engine.batch_capacity:
                settle_immigrants(engine, n, &record, report)
                n = 0
        settle_immigrants(engine, n, &record, report)
    finally:
        hold(engine)
        for slot in reversed(travelling):
            if engine.p.organisms[<uint32_t> slot].state == NEWBORN:
                population_retain(engine.p, slot)
        engine.lock.unlock()
    return report


cdef uint32_t admit(Engine engine, const Node* nodes, uint32_t size, bint root, uint32_t n, list travelling, dict report):
    """Installs one genome; a root takes entry n of the batch. Returns the new length of the batch."""
    cdef Draft draft
    cdef GenomeLimits limits
    cdef GenomeError error
    cdef uint64_t nobody[2]
    cdef TickRecord record
    cdef uint32_t slot
    limits.max_nodes = engine.p.stride
    limits.max_depth = 255
    limits.n_variables = engine.settings.primitives.n_variables
    error = validate(nodes, size, limits)
    if error != GenomeError.none:
        return refuse(report, genome_error_name(error).decode(), n)
    memset(&record, 0, sizeof(record))
    nobody[0] = nobody[1] = 0
    draft_copy(&draft, nodes, size, genome_depth(nodes, size))
    hold(engine)
    try:
        if population_find(engine.p, genome_id(nodes, size)) != NOWHERE:
            report["duplicate"] += root
            return n
        if not holds_callees(engine, nodes, size):
            return refuse(report, "missing_reference", n)
        if not engine.enroll(&draft, nobody, n, &record):
            return refuse(report, "oversized" if record.oversized else "library_full", n)
        if root:
            return n + 1
        slot = engine.ahead.slots[n]
        travelling.append(slot)
        return n
    finally:
        engine.lock.unlock()


cdef uint32_t refuse(dict report, str reason, uint32_t n):
    report["rejected"][reason] = report["rejected"].get(reason, 0) + 1
    return n


cdef bint holds_callees(Engine engine, const Node* nodes, uint32_t size):
    cdef uint32_t i
    for i in range(size):
        if nodes[i].op == Opcode_reference and population_find(engine.p, nodes[i].reference) == NOWHERE:
            return False
    return True


cdef settle_immigrants(Engine engine, uint32_t n, TickRecord* record, dict report):
    cdef uint32_t i
    cdef uint64_t before = record.births
    engine.evaluate_batch(n)
    for i in range(n):
        if engine.batch.results[i].status != <uint32_t> Status.ok:
            refuse(report, STATUS_NAMES[engine.batch.results[i].status], 0)
            report["no_room"] -= 1
    engine.settle(n, record)
    report["accepted"] += record.births - before
    report["no_room"] += n - (record.births - before)
    engine.count.immigrants += record.births - before


from vgp.statistics import STATUS_NAMES
