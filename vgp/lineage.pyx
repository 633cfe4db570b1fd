"""Who descends from whom: the family tree of the living, kept beside an engine that knows nothing of it.

After every command all that are new among the living are noted with their parents and their formula. Now and then those are forgotten
from whom nobody alive descends through mothers (the first parents): see coalescence.pyx. Nothing here draws a random number or changes
the engine, so that a run is the same with it and without.
"""

import numpy as np

from vgp.layout import NODE

from libc.math cimport INFINITY
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

from vgp.coalescence cimport sweep
from vgp.core cimport MAX_NODES, Flattened, FlattenError, Node, flatten
from vgp.population cimport NOWHERE, Organism, Population, genome_of
from vgp.references cimport resolve_from_population

cdef enum:
    ROOM = 8                # buckets of the table for each slot
    YOUNG = 4               # births for each slot, beside twice those kept, after which the next sweep is due
    MOST_FOR_EACH = 32      # births kept for each organism of a full population
    MOST_AT_LEAST = 100_000

#: One birth: the fields of lineage.Birth.
BIRTH = np.dtype(
    [("id", "u8"), ("parents", "u8", (2,)), ("loss", "f8"), ("slope", "f8"), ("intercept", "f8"), ("at", "u8"), ("mother", "u4"),
     ("father", "u4"), ("tick", "u4"), ("since", "u4"), ("size", "u2"), ("kept", "u1"), ("spare", "u1")], align=True)
assert BIRTH.itemsize == sizeof(Birth)


cdef class Lineage:
    """The births that an engine's living descend from. All who live when it begins are its founders.

    Args:
        most: births that may be kept; 0: 32 for each organism of a full population, and at least 100,000.

    Raises MemoryError.
    """

    def __cinit__(self, Engine engine, size_t most=0):
        self.engine = engine
        self.most = most

    def note(self):
        """Takes down who is new among the living, and sweeps if that is due. Within a command only."""
        with nogil:
            self.lock.lock()
        try:
            with nogil:
                note_living(self)
                if self.births.size() > 2 * self.kept + YOUNG * self.engine.p.n_slots:
                    sweep(self, self.most or max(<size_t> MOST_AT_LEAST, MOST_FOR_EACH * <size_t> self.engine.p.capacity))
        finally:
            self.lock.unlock()

    def line(self, organism_id):
        """The line of mothers of the latest organism of that id, eldest first and itself last, each child after its father.

        Returns (births: BIRTH [n], is_father: bool [n], nodes: NODE [total], offsets: uint32 [n + 1]); n is 0 if the id is not
        remembered. May be called while another thread runs a tick.
        """
        cdef uint64_t wanted = organism_id
        cdef vector[uint32_t] chosen
        with nogil:
            self.lock.lock()
        try:
            with nogil:
                climb(self, latest(self, wanted), chosen)
            return copied(self, chosen)
        finally:
            self.lock.unlock()

    def __len__(self):
        """Births that are remembered now."""
        return self.births.size()

    @property
    def nbytes(self):
        """Memory taken, in bytes."""
        return (self.births.capacity() * sizeof(Birth) + self.nodes.capacity() * sizeof(Node) + self.seen.capacity() * sizeof(Seen)
                + self.table.capacity() * sizeof(Entry))


# --- noting ---

cdef int note_living(Lineage l) except -1 nogil:
    cdef const Population* p = l.engine.p
    cdef bint founding = l.births.empty()
    cdef const Organism* o
    cdef Seen* seen
    cdef uint32_t i
    if l.seen.size() < p.n_slots:
        l.seen.resize(p.n_slots, Seen(0, INFINITY, 0, NOWHERE))
        lineage_index(l)
    if 2 * (l.n_entries + p.n_living) > l.table.size():     # before, not after: children of those that just died ask for them
        lineage_index(l)
    l.newest = l.births.size()
    for i in range(p.n_living):
        o = &p.organisms[p.living[i]]
        seen = &l.seen[p.living[i]]
        if seen.id != o.id or seen.since != o.born or seen.birth == NOWHERE:
            seen[0] = Seen(o.id, o.loss, o.born, enter(l, p, p.living[i], founding))
        elif seen.loss != o.loss:       # other rows, another loss
            seen.loss = o.loss
            rate(&l.births[seen.birth], o)
    return 0


cdef uint32_t enter(Lineage l, const Population* p, uint32_t slot, bint founding) except 0xFFFFFFFE nogil:
    """The birth of that organism: a new one, unless it only moved to another slot."""
    cdef const Organism* o = &p.organisms[slot]
    cdef Entry* entry = bucket_of(l, o.id)
    cdef Birth birth
    if entry.birth != NOWHERE and l.births[entry.birth].since == o.born:
        rate(&l.births[entry.birth], o)
        return entry.birth
    birth.id, birth.since, birth.kept, birth.spare = o.id, o.born, FORGOTTEN, 0
    birth.parents[0], birth.parents[1] = o.parents[0], o.parents[1]
    birth.tick = o.born + (o.parents[0] != 0)       # who is bred in tick 5 has born 4, and who founds an era after it has 5
    birth.mother = birth.father = NOWHERE
    if not founding:
        birth.mother, birth.father = earlier(l, o.parents[0], birth.tick), earlier(l, o.parents[1], birth.tick)
    birth.at = l.nodes.size()
    birth.size = <uint16_t> keep_formula(l, p, slot)
    rate(&birth, o)
    l.births.push_back(birth)
    l.n_entries += entry.birth == NOWHERE
    entry[0] = Entry(o.id, <uint32_t> l.births.size() - 1)
    return entry.birth


cdef inline void rate(Birth* birth, const Organism* o) noexcept nogil:
    birth.loss, birth.slope, birth.intercept = o.loss, o.slope, o.intercept


cdef inline uint32_t earlier(Lineage l, uint64_t organism_id, uint32_t tick) noexcept nogil:
    cdef uint32_t birth = lineage_find(l, organism_id) if organism_id else NOWHERE
    return birth if birth != NOWHERE and l.births[birth].tick < tick else NOWHERE


cdef uint32_t keep_formula(Lineage l, const Population* p, uint32_t slot) except 0 nogil:
    """Copies the genome, calls written out: whom it calls may be gone when somebody asks. Returns its nodes."""
    cdef const Node* nodes = genome_of(p, slot)
    if p.organisms[slot].calls:
        return keep_written_out(l, p, nodes, p.organisms[slot].size)
    l.nodes.insert(l.nodes.end(), nodes, nodes + p.organisms[slot].size)
    return p.organisms[slot].size


cdef uint32_t keep_written_out(Lineage l, const Population* p, const Node* nodes, uint32_t n) except 0 nogil:
    cdef Node plain[4096]       # MAX_NODES
    cdef Flattened flat = flatten(nodes, n, resolve_from_population, <void*> p, plain, MAX_NODES)
    if flat.error == FlattenError.none:
        nodes, n = plain, flat.n
    l.nodes.insert(l.nodes.end(), nodes, nodes + n)
    return n


# --- the table: open addressing, linear probing; nothing is ever taken out, it is made anew ---

cdef inline Entry* bucket_of(Lineage l, uint64_t organism_id) noexcept nogil:
    """Where the id stands, or the free place where it would."""
    cdef size_t mask = l.table.size() - 1, bucket = (organism_id >> 20) & mask
    while l.table[bucket].birth != NOWHERE and l.table[bucket].id != organism_id:
        bucket = (bucket + 1) & mask
    return &l.table[bucket]


cdef uint32_t lineage_find(Lineage l, uint64_t organism_id) noexcept nogil:
    return bucket_of(l, organism_id).birth if l.table.size() else <uint32_t> NOWHERE


cdef int lineage_index(Lineage l) except -1 nogil:
    cdef size_t buckets = 16, slot
    cdef Entry* entry
    while buckets < ROOM * l.seen.size():
        buckets *= 2
    l.table.assign(buckets, Entry(0, NOWHERE))
    l.n_entries = 0
    for slot in range(l.seen.size()):
        if l.seen[slot].birth == NOWHERE:
            continue
        entry = bucket_of(l, l.seen[slot].id)
        if entry.birth == NOWHERE or l.births[entry.birth].since < l.seen[slot].since:  # the slot of one that died is still seen
            l.n_entries += entry.birth == NOWHERE
            entry[0] = Entry(l.seen[slot].id, l.seen[slot].birth)
    return 0


# --- reading ---

cdef uint32_t latest(Lineage l, uint64_t organism_id) noexcept nogil:
    """Of the births under that id the latest."""
    cdef uint32_t b, found = NOWHERE
    for b in range(<uint32_t> l.births.size()):
        if l.births[b].id == organism_id and (found == NOWHERE or l.births[b].tick > l.births[found].tick):
            found = b
    return found


cdef int climb(Lineage l, uint32_t birth, vector[uint32_t]& chosen) except -1 nogil:
    """Youngest first: each of the line, then her father."""
    while birth != NOWHERE:
        chosen.push_back(birth)
        if l.births[birth].father != NOWHERE:
            chosen.push_back(l.births[birth].father)
        birth = l.births[birth].mother
    return 0


cdef copied(Lineage l, const vector[uint32_t]& chosen):
    """The births and their formulas in the opposite order."""
    cdef size_t n = chosen.size(), k
    cdef uint32_t father = NOWHERE
    births, is_father, offsets = np.empty(n, BIRTH), np.zeros(n, bool), np.zeros(n + 1, np.uint32)
    cdef Birth* out = <Birth*> <uintptr_t> births.ctypes.data
    cdef uint8_t[::1] fathers = is_father.view(np.uint8)
    cdef uint32_t[::1] at = offsets
    for k in range(n):
        fathers[n - 1 - k] = father != NOWHERE
        father = l.births[chosen[k]].father if father == NOWHERE else <uint32_t> NOWHERE
        out[n - 1 - k] = l.births[chosen[k]]
    for k in range(n):
        at[k + 1] = at[k] + out[k].size
    nodes = np.empty(at[n], NODE)
    cdef Node* formulas = <Node*> <uintptr_t> nodes.ctypes.data
    for k in range(n):
        memcpy(formulas + at[k], &l.nodes[out[k].at], out[k].size * sizeof(Node))
    return births, is_father, nodes, offsets
