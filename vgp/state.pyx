"""An engine's whole state as named sections of bytes, and back; and the move to a store of other sizes.

Everything a run depends on is in it - slots, their order, the free list, the random numbers - so that a resumed run is the same
run to the last bit. Reading checks every bound first and every invariant of the store after: no bytes can break the engine.
"""

import numpy as np

from vgp.consistency import check
from vgp.errors import CheckpointError
from vgp.statistics import TICK_RECORD

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from vgp.core cimport N_PROBES, GenomeError, Node, decode_nodes, encode_nodes
from vgp.evolution cimport HISTORY, Counters, Engine, hold
from vgp.lifecycle cimport cull
from vgp.population cimport FREE, LIVING, N_DEATHS, NOWHERE, RETAINED, Organism, Population, errors_of, genome_of, \
    population_delete, population_new, population_reindex
from vgp.protection cimport release_all_above
from vgp.records cimport TickRecord
from vgp.variation.draft cimport DRAFT_NODES

cdef enum:
    PIECE = 1 << 22             # bytes of encoded genomes handed on at a time
    MAX_NODE_BYTES = 10
    MAX_LIBRARY = 1_000_000     # parameters.library_size

assert TICK_RECORD.itemsize == sizeof(TickRecord)


cdef object view(const void* data, size_t n_bytes):
    return memoryview(<const uint8_t[:n_bytes]> <const uint8_t*> data) if n_bytes else b""


def history(Engine engine, *, uint64_t most=HISTORY):
    """The last `most` tick records of those kept, oldest first: TICK_RECORD [n]."""
    cdef uint64_t n, first, k
    cdef uintptr_t address
    hold(engine)
    try:
        n = min(engine.n_recorded, min(most, <uint64_t> HISTORY))
        first = engine.n_recorded - n
        out = np.empty(n, TICK_RECORD)
        address = out.ctypes.data
        for k in range(n):
            memcpy(<void*> (address + k * sizeof(TickRecord)), &engine.history[(first + k) % HISTORY], sizeof(TickRecord))
        return out
    finally:
        engine.lock.unlock()


def totals(Engine engine):
    """What all ticks counted since this engine was made, and whom predators ate for immigrants: a TICK_RECORD [1]; what is no count
    is that of the last tick. Zeros before the first one."""
    out = np.zeros(1, TICK_RECORD)
    cdef uintptr_t address = out.ctypes.data
    hold(engine)
    memcpy(<void*> address, &engine.totals, sizeof(TickRecord))
    engine.lock.unlock()
    return out


def go_on_counting(Engine engine, Engine before):
    """The totals begin with those of another engine."""
    engine.totals = before.totals


def sections(Engine engine):
    """The state: name -> buffer, or iterable of buffers. Valid until the engine changes."""
    cdef Population* p = engine.p
    engine.count.n_living = p.n_living
    engine.count.n_free = p.n_free
    engine.count.unused = p.unused
    engine.count.stride = p.stride
    engine.count.library_capacity = p.library_capacity
    kept = {"errors": view(p.errors, <size_t> p.unused * N_PROBES)} if p.keeps_errors else {}
    return kept | {
        "counters": bytes(view(&engine.count, sizeof(Counters))),
        "organisms": view(p.organisms, <size_t> p.unused * sizeof(Organism)),
        "living": view(p.living, p.n_living * sizeof(uint32_t)),
        "free": view(p.free_slots, p.n_free * sizeof(uint32_t)),
        "best": view(p.best_of_size, (<size_t> p.expanded_limit + 1) * sizeof(uint32_t)),
        "best_of_era": view(p.best_of_era, (<size_t> p.expanded_limit + 1) * sizeof(uint32_t)),
        "genomes": encoded_genomes(engine),
        "history": history(engine).view(np.uint8),
    }


def encoded_genomes(Engine engine):
    """The genomes of all held slots in the order of their numbers, in pieces of some megabytes."""
    cdef uint32_t slot = 0
    cdef size_t used
    cdef bytes piece
    cdef unsigned char* out
    while slot < engine.p.unused:
        piece = PyBytes_FromStringAndSize(NULL, PIECE)
        out = <unsigned char*> PyBytes_AS_STRING(piece)
        used = 0
        with nogil:
            while slot < engine.p.unused and used + <size_t> engine.p.stride * MAX_NODE_BYTES <= PIECE:
                if engine.p.organisms[slot].state != FREE:
                    used += encode_nodes(genome_of(engine.p, slot), engine.p.organisms[slot].size, out + used)
                slot += 1
        yield memoryview(piece)[:used]


def restore(Engine engine, parts):
    """Puts a freshly made engine into the state of `parts`. Raises CheckpointError if they do not fit together or the store."""
    cdef Counters count
    cdef const uint8_t[::1] counters = section(parts, "counters", sizeof(Counters))
    memcpy(&count, &counters[0], sizeof(Counters))
    if not (count.rng.s[0] or count.rng.s[1] or count.rng.s[2] or count.rng.s[3]):
        raise CheckpointError("the random numbers of the state are all 0")
    fit_store(engine, count)
    cdef Population* p = engine.p
    if count.unused > p.n_slots or count.n_living > p.capacity or count.n_free > count.unused:
        raise CheckpointError("the state does not fit its own parameters")
    copy_section(parts, "organisms", p.organisms, <size_t> count.unused * sizeof(Organism))
    if p.keeps_errors:
        copy_section(parts, "errors", p.errors, <size_t> count.unused * N_PROBES)
    copy_section(parts, "living", p.living, <size_t> count.n_living * sizeof(uint32_t))
    copy_section(parts, "free", p.free_slots, <size_t> count.n_free * sizeof(uint32_t))
    p.unused = count.unused
    p.n_living = count.n_living
    p.n_free = count.n_free
    engine.count = count
    restore_genomes(p, section(parts, "genomes", -1))
    check_slots(p)
    population_reindex(p)
    restore_best(p, parts)
    broken = check(engine)
    if broken is not None:
        raise CheckpointError(f"the state is inconsistent: {broken}")
    restore_history(engine, section(parts, "history", -1))


cdef fit_store(Engine engine, const Counters& count):
    """The store as large as the one that was saved: after limits were lowered it is larger than the parameters say."""
    cdef Population* p = engine.p
    cdef Population* larger
    cdef uint32_t births = p.n_slots - p.capacity - p.library_capacity
    if count.stride == p.stride and count.library_capacity == p.library_capacity:
        return
    if not (p.stride <= count.stride <= DRAFT_NODES and p.library_capacity <= count.library_capacity <= MAX_LIBRARY):
        raise CheckpointError("the state does not fit its own parameters")
    engine.allocate_batch(births, count.stride)
    larger = population_new(p.capacity, births, count.library_capacity, count.stride, p.expanded_limit)
    if larger == NULL:
        raise MemoryError("the population of the state does not fit in memory")
    larger.keeps_errors = p.keeps_errors
    engine.p = larger
    population_delete(p)


cdef const uint8_t[::1] section(parts, str name, Py_ssize_t n_bytes):
    try:
        content = parts[name]
    except KeyError:
        raise CheckpointError(f"the state has no section named {name}") from None
    if n_bytes >= 0 and len(content) != n_bytes:
        raise CheckpointError(f"section {name} has {len(content)} bytes instead of {n_bytes}")
    return np.frombuffer(content, np.uint8)


cdef copy_section(parts, str name, void* to, size_t n_bytes):
    cdef const uint8_t[::1] content = section(parts, name, n_bytes)
    if n_bytes:
        memcpy(to, &content[0], n_bytes)


cdef restore_genomes(Population* p, const uint8_t[::1] content):
    cdef size_t at = 0, used = 0
    cdef uint32_t slot
    cdef GenomeError error
    cdef Organism* o
    for slot in range(p.unused):
        o = &p.organisms[slot]
        if o.state == FREE:
            continue
        if (o.state != LIVING and o.state != RETAINED) or o.size == 0 or o.size > p.stride or at >= <size_t> content.shape[0]:
            raise CheckpointError("an organism of the state is malformed")
        error = decode_nodes(&content[at], content.shape[0] - at, o.size, genome_of(p, slot), &used)
        if error != GenomeError.none:
            raise CheckpointError("a genome of the state is malformed")
        at += used
    if at != <size_t> content.shape[0]:
        raise CheckpointError("the genomes of the state do not end where they should")


cdef check_slots(Population* p):
    """Indices lie inside, and the free list holds each free slot once."""
    cdef uint32_t i, n_free = 0
    seen = np.zeros(p.unused, np.uint8)
    cdef uint8_t[::1] marks = seen
    for i in range(p.n_living):
        if p.living[i] >= p.unused or p.organisms[p.living[i]].state != LIVING:
            raise CheckpointError("the list of the living is wrong")
    for i in range(p.n_free):
        if p.free_slots[i] >= p.unused or p.organisms[p.free_slots[i]].state != FREE or marks[p.free_slots[i]]:
            raise CheckpointError("the list of free slots is wrong")
        marks[p.free_slots[i]] = 1
    for i in range(p.unused):
        n_free += p.organisms[i].state == FREE
    if n_free != p.n_free:
        raise CheckpointError("the list of free slots is wrong")


cdef restore_best(Population* p, parts):
    """Of several that are equally good, the best of a size is the one that came first, which only the saved run knew."""
    cdef uint32_t size
    copy_section(parts, "best", p.best_of_size, (<size_t> p.expanded_limit + 1) * sizeof(uint32_t))
    copy_section(parts, "best_of_era", p.best_of_era, (<size_t> p.expanded_limit + 1) * sizeof(uint32_t))
    for size in range(p.expanded_limit + 1):
        for slot in (p.best_of_size[size], p.best_of_era[size]):
            if slot != NOWHERE and slot >= p.unused:
                raise CheckpointError("the best of a size is nobody")


cdef restore_history(Engine engine, const uint8_t[::1] content):
    cdef size_t n_bytes = content.shape[0]
    if n_bytes % sizeof(TickRecord) or n_bytes > HISTORY * sizeof(TickRecord):
        raise CheckpointError("the history of the state is cut off")
    if n_bytes:
        memcpy(engine.history, &content[0], n_bytes)
    engine.n_recorded = n_bytes // sizeof(TickRecord)


def resize(Engine engine, parameters):
    """Moves the organisms into a store of the sizes that the parameters ask for; a smaller population is culled by its predators.

    Genomes that are longer than a lowered limit stay; only newborns obey it. Raises MemoryError; the engine is then unchanged.
    """
    cdef Population* old = engine.p
    cdef uint32_t births = parameters.births_per_tick, most = parameters.population_size
    cdef uint32_t library = max(<uint32_t> parameters.library_size, old.n_referenced)
    cdef uint32_t stride = max(<uint32_t> parameters.max_size, longest_genome(old))
    cdef Population* new = population_new(most, births, library, stride, parameters.expanded_limit)
    cdef uint32_t* place = <uint32_t*> calloc(old.unused + 1, sizeof(uint32_t))
    cdef uint64_t deaths[N_DEATHS]
    memset(deaths, 0, sizeof(deaths))
    try:
        if new == NULL or place == NULL:
            raise MemoryError(f"{most} organisms of up to {stride} nodes do not fit in memory")
        engine.allocate_batch(births, stride)
        with nogil:
            engine.lock.lock()
            release_all_above(old, most // 4)
            cull(engine.count.rng, old, &engine.settings.predators, most, deaths)
            move(old, new, place)
            new.keeps_errors = old.keeps_errors
            engine.p = new
            new = old
            engine.lock.unlock()
    finally:
        free(place)
        population_delete(new)


cdef uint32_t longest_genome(const Population* p) noexcept nogil:
    cdef uint32_t slot, longest = 0
    for slot in range(p.unused):
        if p.organisms[slot].state != FREE:
            longest = max(longest, <uint32_t> p.organisms[slot].size)
    return longest


cdef void move(const Population* old, Population* new, uint32_t* place) noexcept nogil:
    """All that is held into an empty store, without gaps. place: [old.unused] where each slot went."""
    cdef uint32_t slot, to
    for slot in range(old.unused):
        if old.organisms[slot].state != FREE:
            to = new.unused
            new.unused += 1
            place[slot] = to
            new.organisms[to] = old.organisms[slot]
            memcpy(genome_of(new, to), genome_of(old, slot), old.organisms[slot].size * sizeof(Node))
            if old.keeps_errors:
                memcpy(errors_of(new, to), errors_of(old, slot), N_PROBES)
    for slot in range(old.n_living):
        new.living[slot] = place[old.living[slot]]
    new.n_living = old.n_living
    population_reindex(new)
