"""Organisms into an engine: immigrants are strangers, checked, installed with what they call, and evaluated."""

import numpy as np

from vgp.errors import InputError
from vgp.layout import NODE
from vgp.parameters import REPLACEMENTS
from vgp.statistics import STATUS_NAMES

from libc.stdint cimport uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

from vgp.core cimport GenomeError, GenomeLimits, Node, Opcode_reference, Refusal, Status, genome_depth, genome_error_name, genome_id, \
    validate
from vgp.evolution cimport Engine, hold
from vgp.population cimport N_DEATHS, NEWBORN, NOWHERE, population_find, population_retain
from vgp.protection cimport MOST_TICKS
from vgp.records cimport TickRecord
from vgp.replacement cimport Welcome, settle_immigrant
from vgp.structure cimport refusal_name, structure_judges
from vgp.variation.draft cimport Draft, draft_copy


def immigrate(Engine engine, nodes, offsets, is_root, *, replace="predators", protection=0):
    """Installs genomes (callees before callers), evaluates the roots as strangers and lets them in: see `replacement.pxd`.

    Returns a dict of counts: accepted, duplicate, no_room, rejected (by reason). Nothing that came with a genome is believed.
    Raises InputError for an unknown way to replace or a protection out of range.
    """
    cdef TickRecord record
    cdef Welcome welcome = welcoming(engine, replace, protection)
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
                settle_immigrants(engine, n, &welcome, &record, report)
                n = 0
        settle_immigrants(engine, n, &welcome, &record, report)
    finally:
        hold(engine)
        for slot in reversed(travelling):
            if engine.p.organisms[<uint32_t> slot].state == NEWBORN:
                population_retain(engine.p, slot)
        for i in range(N_DEATHS):
            engine.totals.deaths[i] += record.deaths[i]
        engine.lock.unlock()
    return report


cdef Welcome welcoming(Engine engine, replace, protection) except *:
    cdef Welcome welcome
    if replace not in REPLACEMENTS:
        raise InputError(f"immigrants cannot replace {replace!r}; choose from {', '.join(REPLACEMENTS)}")
    if not 0 <= protection <= MOST_TICKS:
        raise InputError(f"a protection of {protection} ticks is out of range; give 0 to {MOST_TICKS}")
    welcome.replacement = REPLACEMENTS.index(replace)
    welcome.until = <uint32_t> min(engine.count.tick + <uint64_t> protection, <uint64_t> 0xFFFFFFFF) if protection else 0
    return welcome


cdef uint32_t admit(Engine engine, const Node* nodes, uint32_t size, bint root, uint32_t n, list travelling, dict report):
    """Installs one genome; a root takes entry n of the batch. Returns the new length of the batch."""
    cdef Draft draft
    cdef GenomeLimits limits
    cdef GenomeError error
    cdef Refusal refusal
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
        refusal = structure_judges(engine.settings.limits.structure, nodes, size)
        if refusal != Refusal.none:
            return refuse(report, refusal_name(refusal), n)
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


cdef settle_immigrants(Engine engine, uint32_t n, const Welcome* welcome, TickRecord* record, dict report):
    cdef uint32_t i
    cdef uint64_t before = record.births
    engine.evaluate_batch(n)
    for i in range(n):
        if engine.batch.results[i].status != <uint32_t> Status.ok:
            refuse(report, STATUS_NAMES[engine.batch.results[i].status], 0)
            report["no_room"] -= 1
    with nogil:
        settle(engine, n, welcome, record)
    report["accepted"] += record.births - before
    report["no_room"] += n - (record.births - before)
    engine.count.immigrants += record.births - before


cdef void settle(Engine engine, uint32_t n, const Welcome* welcome, TickRecord* record) noexcept nogil:
    cdef uint32_t i
    engine.lock.lock()
    for i in range(n):
        if engine.batch.results[i].status != <uint32_t> Status.ok:
            population_retain(engine.p, engine.batch.slots[i])
        elif settle_immigrant(engine.count.rng, engine.p, &engine.settings.predators, &engine.settings.metabolism, welcome,
                              engine.batch.slots[i], &engine.batch.results[i], record.deaths, &record.stillborn):
            record.births += 1
        engine.lock.give_way()
    engine.lock.unlock()
