"""What others see of an engine's organisms: the living or a sample of them, the best of each size, genomes with all they refer to.

Everything here may be called while another thread runs a tick.
"""

import numpy as np

from vgp.layout import NODE

from libc.math cimport INFINITY
from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector

from vgp.core cimport Node, Opcode_reference, Rng, rng_below, rng_seed
from vgp.evolution cimport Engine, hold
from vgp.population cimport NOWHERE, Organism, Population, genome_of, population_find
from vgp.ranks cimport FrontWalk, next_of_front

#: One organism's standing, without its genome: the fields of population.Organism.
ORGANISM = np.dtype(
    [("id", "u8"), ("parent_a", "u8"), ("parent_b", "u8"), ("signature", "u8"), ("loss", "f8"), ("slope", "f8"), ("intercept", "f8"),
     ("energy", "f8"), ("born", "u4"), ("position", "u4"), ("callers", "u4"), ("cost", "u4"), ("expanded", "u4"), ("size", "u2"),
     ("depth", "u1"), ("calls", "u1"), ("height", "u1"), ("state", "u1"), ("elder", "u1"), ("spare", "u1"),
     ("protected_until", "u4")], align=True)
assert ORGANISM.itemsize == sizeof(Organism)


def living(Engine engine):
    """All living organisms: ORGANISM records [n], in no order."""
    return sample(engine, 0xFFFFFFFF, 0)


def sample(Engine engine, uint32_t most, uint64_t seed):
    """`most` of the living at random, each at most once, or all where there are no more: ORGANISM records [n], in no order.

    The random numbers are the caller's own: asking changes nothing in the run.
    """
    cdef uint32_t n
    cdef uintptr_t address
    hold(engine)
    try:
        n = min(most, engine.p.n_living)
        out = np.empty(n, ORGANISM)
        address = out.ctypes.data
        with nogil:
            copy_sample(engine.p, n, seed, <Organism*> address)
        return out
    finally:
        engine.lock.unlock()


cdef void copy_sample(const Population* p, uint32_t n, uint64_t seed, Organism* out) noexcept nogil:
    """n different ones of the living, every set of n equally likely (R. W. Floyd, 1987)."""
    cdef unordered_set[uint32_t] chosen
    cdef Rng rng
    cdef uint32_t k, place
    rng_seed(rng, seed)
    for k in range(n):
        place = k
        if n < p.n_living:
            place = rng_below(rng, p.n_living - n + k + 1)
            if not chosen.insert(place).second:
                place = p.n_living - n + k
                chosen.insert(place)
        out[k] = p.organisms[p.living[place]]


def champions(Engine engine):
    """The best organism of each size that is better than every smaller one: ORGANISM records, sizes increasing."""
    cdef FrontWalk walk = FrontWalk(0, INFINITY)
    cdef uint32_t slot
    cdef uintptr_t address
    cdef uint32_t n = 0
    hold(engine)
    try:
        out = np.empty(engine.p.expanded_limit + 1, ORGANISM)
        address = out.ctypes.data
        slot = next_of_front(engine.p, &walk)
        while slot != NOWHERE:
            memcpy(<void*> (address + n * sizeof(Organism)), &engine.p.organisms[slot], sizeof(Organism))
            n += 1
            slot = next_of_front(engine.p, &walk)
        return out[:n].copy()
    finally:
        engine.lock.unlock()


def held(Engine engine, ids):
    """Which of these ids are held, alive or kept because they are called: bool [n]."""
    cdef const uint64_t[::1] wanted = np.ascontiguousarray(ids, np.uint64)
    cdef uint32_t i, n = <uint32_t> wanted.shape[0]
    out = np.empty(n, bool)
    cdef uint8_t[::1] answers = out.view(np.uint8)
    hold(engine)
    with nogil:
        for i in range(n):
            answers[i] = population_find(engine.p, wanted[i]) != NOWHERE
        engine.lock.unlock()
    return out


def genomes(Engine engine, ids, *, bint callees=True):
    """The genomes with these ids and all that they call (callees=False: only those asked for), callees first.

    Returns (nodes: NODE [total], offsets: uint32 [n + 1], is_root: bool [n]); ids that are not held are left out.
    """
    cdef const uint64_t[::1] wanted = plain_ids(ids)
    cdef const uint64_t* first = &wanted[0] if wanted.shape[0] else NULL
    cdef Selection chosen
    chosen.marks = NULL
    hold(engine)
    try:
        chosen.marks = <uint8_t*> calloc(engine.p.unused + 1, 1)    # untouched pages cost nothing
        if chosen.marks == NULL:
            raise MemoryError("no memory to export organisms")
        with nogil:
            select(engine.p, first, wanted.shape[0], callees, chosen)
        return pack(engine.p, chosen)
    finally:
        engine.lock.unlock()
        free(chosen.marks)


cdef object plain_ids(ids):
    if isinstance(ids, np.ndarray) and ids.dtype == np.uint64:
        return np.ascontiguousarray(ids)
    return np.array([organism_id for organism_id in map(int, ids) if 0 < organism_id < 2**64], np.uint64)


cdef enum:
    SEEN = 1        # in Selection.order
    ROOT = 2        # asked for

cdef cppclass Selection:
    uint8_t* marks              # [unused] by slot
    vector[uint32_t] order      # slots, callees before callers


cdef void select(const Population* p, const uint64_t* ids, size_t n, bint callees, Selection& chosen) noexcept nogil:
    cdef size_t i
    cdef uint32_t slot
    cdef vector[uint32_t] asked_for
    for i in range(n):
        slot = population_find(p, ids[i])
        if slot != NOWHERE:
            visit(p, slot, chosen)
            chosen.marks[slot] |= ROOT
    if not callees:
        for slot in chosen.order:
            if chosen.marks[slot] & ROOT:
                asked_for.push_back(slot)
        chosen.order.swap(asked_for)


cdef void visit(const Population* p, uint32_t slot, Selection& chosen) noexcept nogil:
    """Depth first, callees before callers; the depth of calls is bounded by MAX_REFERENCE_DEPTH."""
    cdef const Node* nodes = genome_of(p, slot)
    cdef uint32_t i
    if chosen.marks[slot]:
        return
    if p.organisms[slot].calls:
        for i in range(p.organisms[slot].size):
            if nodes[i].op == Opcode_reference:
                visit(p, population_find(p, nodes[i].reference), chosen)
    chosen.marks[slot] = SEEN
    chosen.order.push_back(slot)


cdef pack(const Population* p, Selection& chosen):
    cdef size_t k, n = chosen.order.size()
    offsets, is_root = np.zeros(n + 1, np.uint32), np.empty(n, bool)
    cdef uint32_t[::1] at = offsets
    cdef uint8_t[::1] roots = is_root.view(np.uint8)
    for k in range(n):
        at[k + 1] = at[k] + p.organisms[chosen.order[k]].size
        roots[k] = (chosen.marks[chosen.order[k]] & ROOT) == ROOT
    nodes = np.empty(at[n], NODE)
    cdef Node* out = <Node*> <uintptr_t> nodes.ctypes.data
    with nogil:
        for k in range(n):
            memcpy(out + at[k], genome_of(p, chosen.order[k]), p.organisms[chosen.order[k]].size * sizeof(Node))
    return nodes, offsets, is_root
