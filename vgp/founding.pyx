"""The first generation: mutated copies of given genomes, then random organisms until the population is full. The next batch is drawn
while one is evaluated in another thread; the order of draws, and so the run, does not depend on which of the two is faster."""

from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from vgp.errors import InputError
from vgp.layout import NODE
from vgp.parameters import FOUNDING_TRIES

from libc.stdint cimport uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

from vgp.core cimport GenomeError, GenomeLimits, Node, Refusal, Structure, genome_depth, genome_error_name, rng_below, validate

from vgp.evolution cimport BREEDING_ATTEMPTS, Engine
from vgp.records cimport TickRecord, now
from vgp.settings cimport Settings
from vgp.structure cimport refusal_name, structure_judges
from vgp.variation.creation cimport create as create_draft
from vgp.variation.draft cimport Draft, draft_copy
from vgp.variation.mutation cimport mutate
from vgp.variation.typed_creation cimport create_within
from vgp.variation.typed_mutation cimport mutate_within


cdef enum:
    MOST_MUTATIONS = 3          # of a copy

# Genomes to start from, one behind the other, and how many mutated copies of them are still to be made.
cdef struct Start:
    const Node* nodes
    const uint32_t* offsets
    uint32_t n
    uint32_t copies


def create(Engine engine, nodes=None, offsets=None, double share=0.0, bint recorded=True):
    """Fills the engine's population: `share` of it with mutated copies of the admissible genomes nodes, offsets.

    recorded: whether this is a record of statistics of its own, that of a tick 0.

    Raises InputError if hardly any random organism is valid on the data, or units and constraints leave none.
    """
    cdef TickRecord record
    cdef Start start = Start(NULL, NULL, 0, 0)
    cdef uintptr_t of_nodes, of_offsets
    if nodes is not None and len(nodes):
        nodes, offsets = np.ascontiguousarray(nodes, NODE), np.ascontiguousarray(offsets, np.uint32)
        of_nodes, of_offsets = nodes.ctypes.data, offsets.ctypes.data
        start = Start(<const Node*> of_nodes, <const uint32_t*> of_offsets, len(offsets) - 1, <uint32_t> (share * engine.p.capacity))
    cdef double started = now()
    cdef uint64_t tried = 0, most = FOUNDING_TRIES * (<uint64_t> engine.p.capacity + 1)
    cdef uint32_t n, ahead
    memset(&record, 0, sizeof(record))
    with ThreadPoolExecutor(1) as side:
        n = fill(engine, 0, &start, &record)
        while n and tried < most:
            tried += n
            engine.swap()
            job = side.submit(engine.evaluate, n)
            ahead = fill(engine, n, &start, &record)   # random organisms call nobody: the evaluation asks the store for nothing
            try:
                job.result()
            except BaseException:
                stop(engine, job, n, ahead)
                raise
            with nogil:
                engine.settle(n, &record)
            n = ahead or fill(engine, 0, &start, &record)
    engine.drop_newborns(&engine.ahead, n)
    if engine.p.n_living == 0:
        raise InputError(nobody_lives(engine))
    if recorded:
        with nogil:
            engine.record(&record, started)


cdef str nobody_lives(Engine engine):
    cdef const Structure* asked = engine.settings.limits.structure
    if asked != NULL and asked.drafts == asked.refused_drafts:
        return "no formula was found that units and constraints allow; check --units, or allow more --functions or --max-size"
    return "no random formula has a finite value on every row; scale the columns or choose other --functions"


cdef uint32_t fill(Engine engine, uint32_t in_flight, Start* start, TickRecord* record):
    """Random organisms for the room left besides the living and those in flight, at most a batch; returns how many."""
    cdef uint32_t n
    with nogil:
        n = draw(engine, min(engine.batch_capacity, engine.p.capacity - engine.p.n_living - in_flight), start, record)
    return n


cdef uint32_t draw(Engine engine, uint32_t wanted, Start* start, TickRecord* record) noexcept nogil:
    cdef Draft draft
    cdef uint64_t nobody[2]
    cdef uint32_t n = 0, attempt, enrolled
    nobody[0] = nobody[1] = 0
    engine.lock.lock()
    for attempt in range(BREEDING_ATTEMPTS * wanted):
        if n == wanted:
            break
        if start.copies:
            copy_mutated(engine, start, &draft)
            enrolled = engine.enroll(&draft, nobody, n, record)
            start.copies -= enrolled
            n += enrolled
        elif invent(engine, &draft):
            n += engine.enroll(&draft, nobody, n, record)
        engine.lock.give_way()
    engine.lock.unlock()
    return n


cdef void copy_mutated(Engine engine, const Start* start, Draft* draft) noexcept nogil:
    cdef const Settings* s = &engine.settings
    cdef uint32_t k = rng_below(engine.count.rng, start.n), step
    cdef const Node* nodes = start.nodes + start.offsets[k]
    cdef uint32_t n = start.offsets[k + 1] - start.offsets[k]
    draft_copy(draft, nodes, n, genome_depth(nodes, n))
    for step in range(1 + rng_below(engine.count.rng, MOST_MUTATIONS)):
        (mutate if s.limits.structure == NULL else mutate_within)(
            engine.count.rng, &s.primitives, &s.limits, s.mutation_weights, draft)


def refusal(Engine engine, nodes):
    """Why a genome (NODE array) cannot live on this island whatever its loss: the name of a reason, or None."""
    cdef GenomeLimits limits
    cdef GenomeError error
    cdef Refusal refused
    nodes = np.ascontiguousarray(nodes, NODE)
    cdef uintptr_t address = nodes.ctypes.data
    cdef uint32_t n = <uint32_t> len(nodes)
    limits.max_nodes = engine.settings.limits.max_size
    limits.max_depth = engine.settings.limits.max_depth
    limits.n_variables = engine.settings.primitives.n_variables
    error = validate(<const Node*> address, n, limits)
    if error != GenomeError.none:
        return genome_error_name(error).decode()
    refused = structure_judges(engine.settings.limits.structure, <const Node*> address, n)
    return None if refused == Refusal.none else refusal_name(refused)


cdef bint invent(Engine engine, Draft* draft) noexcept nogil:
    """A random organism; False if units and constraints left none."""
    cdef const Settings* s = &engine.settings
    if s.limits.structure != NULL:
        return create_within(engine.count.rng, &s.primitives, &s.limits, s.initial_minimum, s.initial_size, draft)
    create_draft(engine.count.rng, &s.primitives, &s.limits, s.initial_minimum, s.initial_size, draft)
    return True


cdef stop(Engine engine, object job, uint32_t n, uint32_t ahead):
    """Ends the evaluation in the other thread, and drops its newborns and those drawn ahead."""
    engine.interrupted = True
    wait([job])
    engine.interrupted = False
    engine.drop_newborns(&engine.batch, n)
    engine.drop_newborns(&engine.ahead, ahead)
