"""Which newborns get their constants tuned, and what becomes of them.

Tuning costs some tens of evaluations. The best use of that is not on the best of all, which are the largest, nor at random: newborns
are ranked by their loss over the least loss among the living that are no larger. A tuned organism inherits what it learnt (Lamarck):
its genome gets the constants, and so a new id.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport INFINITY
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memcpy

from vgp.core cimport Batch, Node, Opcode_constant, Refusal, Result, Status, genome_id
from vgp.newborns cimport newborns_put
from vgp.population cimport NOWHERE, Organism, Population, genome_of, population_find, population_retain, table_insert, table_remove
from vgp.references cimport resolve_from_population
from vgp.sandbox.process cimport Resolver
from vgp.structure cimport structure_judges

cdef enum:
    SLICE_NODE_ROWS = 100_000_000   # of work between two looks at Ctrl-C
    PASSES = 3                      # over the tuned rows for a trial
    BLOCK = 16                      # rows that are chosen together

cdef struct Candidate:
    double score
    uint32_t entry      # of the batch


cdef uint32_t refine(ExecutorHandle handle, Refinery* r, uint32_t n) except? 0xFFFFFFFF:
    cdef uint32_t* entries = <uint32_t*> malloc((n + 1) * sizeof(uint32_t))
    cdef double* constants = NULL
    cdef uint32_t chosen
    try:
        if entries == NULL:
            raise MemoryError("the organisms to be tuned do not fit in memory")
        with nogil:
            chosen = choose(r, n, entries)
        constants = <double*> malloc((r.work.offsets[chosen] + 1) * sizeof(double))
        if constants == NULL:
            raise MemoryError("the constants to be tuned do not fit in memory")
        if chosen:
            tune(handle, r, chosen, constants)
            with nogil:
                n = take_over(r, n, chosen, entries)
        return n
    finally:
        free(entries)
        free(constants)


# --- who ---

cdef uint32_t choose(Refinery* r, uint32_t n, uint32_t* entries) noexcept nogil:
    """Puts the most promising into the work batch, and their entries, rising, into `entries`; returns how many."""
    cdef Candidate* candidates = <Candidate*> malloc((n + 1) * sizeof(Candidate))
    cdef double* least = <double*> malloc((r.p.expanded_limit + 1) * sizeof(double))
    cdef uint32_t most = <uint32_t> (r.settings.tuning_share * n + 0.5), found = 0, i, slot
    r.work.offsets[0] = 0
    if candidates != NULL and least != NULL and most:
        r.lock.lock()
        least_up_to_size(r.p, least)
        for i in range(n):
            slot = r.batch.slots[i]
            if r.batch.results[i].status == <uint32_t> Status.ok and r.p.organisms[slot].callers == 0 and has_constants(r.p, slot):
                candidates[found].score = score(&r.p.organisms[slot], &r.batch.results[i], least, r.p.expanded_limit)
                candidates[found].entry = i
                found += 1
        qsort(candidates, found, sizeof(Candidate), by_score)
        found = min(found, most)
        for i in range(found):
            entries[i] = candidates[i].entry
        qsort(entries, found, sizeof(uint32_t), by_number)
        for i in range(found):
            newborns_put(r.work, i, r.p, r.batch.slots[entries[i]])
        r.lock.unlock()
    else:
        found = 0
    free(candidates)
    free(least)
    return found


cdef void least_up_to_size(const Population* p, double* least) noexcept nogil:
    """Of the living whose formulas have at most so many nodes: the least loss."""
    cdef double here = INFINITY
    cdef uint32_t size
    for size in range(p.expanded_limit + 1):
        if p.best_of_size[size] != NOWHERE:
            here = min(here, p.organisms[p.best_of_size[size]].loss)
        least[size] = here


cdef double score(const Organism* o, const Result* result, const double* least, uint32_t limit) noexcept nogil:
    cdef double best = least[min(o.expanded, limit)]
    return result.loss / best if best > 0 else result.loss


cdef bint has_constants(const Population* p, uint32_t slot) noexcept nogil:
    cdef const Node* nodes = genome_of(p, slot)
    cdef uint32_t i
    for i in range(p.organisms[slot].size):
        if nodes[i].op == Opcode_constant:
            return True
    return False


cdef int by_score(const void* a, const void* b) noexcept nogil:
    cdef const Candidate* x = <const Candidate*> a
    cdef const Candidate* y = <const Candidate*> b
    if x.score != y.score:
        return -1 if x.score < y.score else 1
    return (x.entry > y.entry) - (x.entry < y.entry)


cdef int by_number(const void* a, const void* b) noexcept nogil:
    cdef uint32_t x = (<const uint32_t*> a)[0], y = (<const uint32_t*> b)[0]
    return (x > y) - (x < y)


# --- how ---

cdef uint64_t rows_tuned_on(const Refinery* r) noexcept nogil:
    cdef uint64_t rows = r.settings.tune.rows
    return r.n_rows if rows == 0 or rows > r.n_rows else (rows + BLOCK - 1) // BLOCK * BLOCK


cdef tune(ExecutorHandle handle, Refinery* r, uint32_t n, double* constants):
    """Constants and results of the n chosen ones, in slices short enough that Ctrl-C is seen."""
    cdef uint64_t passes = 2 * r.n_rows + PASSES * r.settings.tune.steps * rows_tuned_on(r)
    cdef uint64_t per_organism = max(<uint64_t> 1, r.work.offsets[n] // n * passes)
    cdef uint32_t most = <uint32_t> min(<uint64_t> n, max(<uint64_t> 1, SLICE_NODE_ROWS // per_organism)), done = 0, i, at
    cdef Batch batch
    cdef Resolver resolver
    cdef int outcome
    resolver.context = r.p
    resolver.resolve = resolve_from_population
    while done < n:
        batch.nodes = r.work.nodes
        batch.offsets = r.work.offsets + done
        batch.n = min(most, n - done)
        with nogil:
            outcome = handle.executor.tune(batch, r.settings.loss, r.settings.tune, resolver, r.work.results + done, constants,
                                           r.interrupted)
        handle.check(outcome)
        for i in range(done, done + batch.n):
            for at in range(r.work.offsets[i], r.work.offsets[i + 1]):
                if r.work.nodes[at].op == Opcode_constant:
                    r.work.nodes[at].value = constants[0]
                    constants += 1
        done += batch.n
        PyErr_CheckSignals()


# --- and then ---

cdef uint32_t take_over(Refinery* r, uint32_t n, uint32_t chosen, const uint32_t* entries) noexcept nogil:
    """Gives the better ones their new genomes and results; returns how many newborns are left in the batch."""
    cdef uint32_t k, kept = 0, i, next_chosen = 0
    cdef Result* result
    r.lock.lock()
    r.record.tunings = chosen
    for k in range(chosen):
        result = &r.work.results[k]
        r.node_evaluations += (2 * r.n_rows + PASSES * result.detail * rows_tuned_on(r)) * (r.work.offsets[k + 1] - r.work.offsets[k])
    for i in range(n):
        k = next_chosen
        if k < chosen and entries[k] == i:
            next_chosen += 1
            result = &r.work.results[k]
            if (result.status == <uint32_t> Status.ok and result.loss < r.batch.results[i].loss
                    and structure_judges(r.settings.limits.structure, r.work.nodes + r.work.offsets[k],
                                         r.work.offsets[k + 1] - r.work.offsets[k]) == Refusal.none):   # an exponent has a unit's say
                if not rekey(r.p, r.work.slots[k], r.work.nodes + r.work.offsets[k]):
                    r.record.stillborn += 1
                    population_retain(r.p, r.work.slots[k])
                    continue
                r.record.improved += 1
                r.batch.results[i] = result[0]
                r.batch.results[i].detail = 0
        r.batch.slots[kept] = r.batch.slots[i]
        r.batch.results[kept] = r.batch.results[i]
        kept += 1
    r.lock.unlock()
    return kept


cdef bint rekey(Population* p, uint32_t slot, const Node* nodes) noexcept nogil:
    """The newborn's genome with other constants under its new id; False if that genome is held already."""
    cdef Organism* o = &p.organisms[slot]
    cdef uint64_t organism_id = genome_id(nodes, o.size)
    if population_find(p, organism_id) not in (NOWHERE, slot):
        return False
    table_remove(p, slot)
    memcpy(genome_of(p, slot), nodes, o.size * sizeof(Node))
    o.id = organism_id
    table_insert(p, slot)
    return True
