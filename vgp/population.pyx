"""The store of organisms: slots, the id table, who calls whom, and the best organism of each size.

See population.pxd for the fields and the invariants. Memory is known at creation: slots x (96 + 12 x longest genome + 12) bytes, 64
more where errors are kept; pages that were never used are never touched.
"""

from libc.math cimport INFINITY
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

from vgp.core cimport MAX_EXPANDED, N_PROBES, Node, Opcode_reference, genome_id
from vgp.ranks cimport population_rank, population_rank_all, rank_size_again


cdef Population* population_new(uint32_t capacity, uint32_t in_flight, uint32_t library_capacity, uint32_t stride,
                                uint32_t expanded_limit) noexcept nogil:
    cdef Population* p = <Population*> calloc(1, sizeof(Population))
    cdef uint64_t slots = <uint64_t> capacity + in_flight + library_capacity
    cdef uint64_t buckets = 16
    if p == NULL or slots >= NOWHERE:
        free(p)
        return NULL
    while buckets < slots + slots // 2:
        buckets *= 2
    p.n_slots = <uint32_t> slots
    p.capacity = capacity
    p.library_capacity = library_capacity
    p.stride = stride
    p.expanded_limit = expanded_limit
    p.table_mask = <uint32_t> (buckets - 1)
    # calloc: large blocks come from the kernel as zero pages, touched on first use
    p.organisms = <Organism*> calloc(slots, sizeof(Organism))
    p.nodes = <Node*> calloc(slots * stride, sizeof(Node))
    p.errors = <uint8_t*> calloc(slots, N_PROBES)
    p.living = <uint32_t*> calloc(capacity, sizeof(uint32_t))
    p.free_slots = <uint32_t*> calloc(slots, sizeof(uint32_t))
    p.table = <uint32_t*> calloc(buckets, sizeof(uint32_t))
    p.best_of_size = <uint32_t*> calloc(expanded_limit + 1, sizeof(uint32_t))
    p.best_of_era = <uint32_t*> calloc(expanded_limit + 1, sizeof(uint32_t))
    if not (p.organisms and p.nodes and p.errors and p.living and p.free_slots and p.table and p.best_of_size and p.best_of_era):
        population_delete(p)
        return NULL
    memset(p.table, 0xFF, buckets * sizeof(uint32_t))
    memset(p.best_of_size, 0xFF, (expanded_limit + 1) * sizeof(uint32_t))
    memset(p.best_of_era, 0xFF, (expanded_limit + 1) * sizeof(uint32_t))
    return p


cdef void population_delete(Population* p) noexcept nogil:
    if p == NULL:
        return
    free(p.organisms)
    free(p.nodes)
    free(p.errors)
    free(p.living)
    free(p.free_slots)
    free(p.table)
    free(p.best_of_size)
    free(p.best_of_era)
    free(p)


# --- the id table: open addressing, linear probing, deletion by shifting back ---

cdef inline uint32_t home(const Population* p, uint64_t organism_id) noexcept nogil:
    return <uint32_t> (organism_id >> 20) & p.table_mask


cdef uint32_t population_find(const Population* p, uint64_t organism_id) noexcept nogil:
    cdef uint32_t bucket = home(p, organism_id)
    while p.table[bucket] != NOWHERE:
        if p.organisms[p.table[bucket]].id == organism_id:
            return p.table[bucket]
        bucket = (bucket + 1) & p.table_mask
    return NOWHERE


cdef void table_insert(Population* p, uint32_t slot) noexcept nogil:
    cdef uint32_t bucket = home(p, p.organisms[slot].id)
    while p.table[bucket] != NOWHERE:
        bucket = (bucket + 1) & p.table_mask
    p.table[bucket] = slot


cdef void table_remove(Population* p, uint32_t slot) noexcept nogil:
    cdef uint32_t hole = home(p, p.organisms[slot].id)
    cdef uint32_t probe, wanted
    while p.table[hole] != slot:
        hole = (hole + 1) & p.table_mask
    probe = hole
    while True:
        probe = (probe + 1) & p.table_mask
        if p.table[probe] == NOWHERE:
            break
        wanted = home(p, p.organisms[p.table[probe]].id)
        # an entry may move back into the hole only if its home does not lie between the hole and itself
        if ((probe - wanted) & p.table_mask) >= ((probe - hole) & p.table_mask):
            p.table[hole] = p.table[probe]
            hole = probe
    p.table[hole] = NOWHERE


# --- who calls whom ---

cdef cbool acquire_calls(Population* p, uint32_t slot) noexcept nogil:
    """Counts the slot's calls at their callees; undone and False if one is not held or the library is full."""
    cdef Node* nodes = genome_of(p, slot)
    cdef Organism* o = &p.organisms[slot]
    cdef uint32_t i, callee, calls = 0, height = 0
    for i in range(o.size):
        if nodes[i].op != Opcode_reference:
            continue
        callee = population_find(p, nodes[i].reference)
        if callee == NOWHERE or (p.organisms[callee].callers == 0 and p.n_referenced >= p.library_capacity):
            release_calls(p, slot, i)
            return False
        if p.organisms[callee].callers == 0:
            p.n_referenced += 1
        p.organisms[callee].callers += 1
        calls += 1
        if p.organisms[callee].height + <uint32_t> 1 > height:
            height = p.organisms[callee].height + <uint32_t> 1
    o.calls = <uint8_t> min(calls, <uint32_t> 255)
    o.height = <uint8_t> min(height, <uint32_t> 255)
    return True


cdef void release_calls(Population* p, uint32_t slot, uint32_t n) noexcept nogil:
    """Takes back the calls of the slot's first n nodes; a callee that nobody calls any more and that is dead is freed, and so on."""
    cdef Node* nodes = genome_of(p, slot)
    cdef uint32_t i, callee
    for i in range(n):
        if nodes[i].op != Opcode_reference:
            continue
        callee = population_find(p, nodes[i].reference)
        p.organisms[callee].callers -= 1
        if p.organisms[callee].callers == 0:
            p.n_referenced -= 1
            if p.organisms[callee].state == RETAINED:
                p.n_retained -= 1
                free_slot(p, callee)


cdef void free_slot(Population* p, uint32_t slot) noexcept nogil:
    cdef Organism* o = &p.organisms[slot]
    table_remove(p, slot)
    o.state = FREE
    if o.calls:
        release_calls(p, slot, o.size)   # recursion is bounded by the depth of references
    p.free_slots[p.n_free] = slot
    p.n_free += 1


# --- a slot's life ---

cdef inline void count_in(Sums* sums, const Organism* o) noexcept nogil:
    sums.size += o.size
    sums.expanded += o.expanded
    sums.calls += o.calls
    sums.born += o.born


cdef inline void count_out(Sums* sums, const Organism* o) noexcept nogil:
    sums.size -= o.size
    sums.expanded -= o.expanded
    sums.calls -= o.calls
    sums.born -= o.born


cdef uint32_t population_add(Population* p, const Node* nodes, uint32_t n, uint32_t depth) noexcept nogil:
    cdef uint64_t organism_id = genome_id(nodes, n)
    cdef uint32_t slot
    cdef Organism* o
    if population_find(p, organism_id) != NOWHERE:
        return NOWHERE
    if p.n_free:
        p.n_free -= 1
        slot = p.free_slots[p.n_free]
    elif p.unused < p.n_slots:
        slot = p.unused
        p.unused += 1
    else:
        return NOWHERE
    o = &p.organisms[slot]
    memset(o, 0, sizeof(Organism))
    memcpy(genome_of(p, slot), nodes, n * sizeof(Node))
    o.id = organism_id
    o.size = <uint16_t> n
    if not acquire_calls(p, slot):
        p.free_slots[p.n_free] = slot
        p.n_free += 1
        return NOWHERE
    o.state = NEWBORN
    o.position = NOWHERE
    o.depth = <uint8_t> depth
    o.expanded = n
    o.loss = INFINITY
    table_insert(p, slot)
    return slot


cdef void population_enliven(Population* p, uint32_t slot) noexcept nogil:
    cdef Organism* o = &p.organisms[slot]
    if o.state == RETAINED:
        p.n_retained -= 1
    o.state = LIVING
    o.position = p.n_living
    p.living[p.n_living] = slot
    p.n_living += 1
    count_in(&p.living_sums, o)
    population_rank(p, slot)


cdef void population_retain(Population* p, uint32_t slot) noexcept nogil:
    cdef Organism* o = &p.organisms[slot]
    if o.callers:
        o.state = RETAINED
        o.position = NOWHERE
        p.n_retained += 1
    else:
        free_slot(p, slot)


cdef void population_bury(Population* p, uint32_t slot) noexcept nogil:
    cdef Organism* o = &p.organisms[slot]
    cdef uint32_t last = p.living[p.n_living - 1]
    p.living[o.position] = last
    p.organisms[last].position = o.position
    p.n_living -= 1
    count_out(&p.living_sums, o)
    p.n_protected -= o.protected_until > 0
    o.protected_until = 0
    if population_is_champion(p, slot):
        rank_size_again(p, min(o.expanded, p.expanded_limit), slot)
    population_retain(p, slot)


cdef void population_reindex(Population* p) noexcept nogil:
    cdef uint32_t slot, i
    cdef Node* nodes
    memset(p.table, 0xFF, (<uint64_t> p.table_mask + 1) * sizeof(uint32_t))
    p.n_retained = 0
    p.n_referenced = 0
    p.n_protected = 0
    for slot in range(p.unused):
        if p.organisms[slot].state != FREE:
            table_insert(p, slot)
            p.n_retained += p.organisms[slot].state == RETAINED
            p.n_referenced += p.organisms[slot].callers > 0
            p.n_protected += p.organisms[slot].protected_until > 0
    p.living_sums = sums_of_living(p)
    population_rank_all(p)


cdef Sums sums_of_living(const Population* p) noexcept nogil:
    cdef Sums sums
    cdef uint32_t i
    memset(&sums, 0, sizeof(Sums))
    for i in range(p.n_living):
        count_in(&sums, &p.organisms[p.living[i]])
    return sums


# --- the invariants ---

cdef const char* population_check(const Population* p) noexcept nogil:
    cdef uint32_t slot, i, callee, living = 0, retained = 0, referenced = 0
    cdef uint64_t calls = 0, callers = 0
    cdef Sums sums
    cdef const Organism* o
    cdef const Node* nodes
    if p.n_living > p.capacity:
        return "more organisms alive than the population may hold"
    for slot in range(p.unused):
        o = &p.organisms[slot]
        if o.state == FREE:
            continue
        nodes = genome_of(p, slot)
        if population_find(p, o.id) != slot:
            return "an id does not lead to its slot"
        if genome_id(nodes, o.size) != o.id:
            return "an id is not its genome's"
        if o.state == LIVING and (o.position >= p.n_living or p.living[o.position] != slot):
            return "a living organism is not where it says"
        if o.state == RETAINED and o.callers == 0:
            return "a dead organism is kept though nobody calls it"
        living += o.state == LIVING
        retained += o.state == RETAINED
        referenced += o.callers > 0
        callers += o.callers
        for i in range(o.size):
            if nodes[i].op == Opcode_reference:
                calls += 1
                callee = population_find(p, nodes[i].reference)
                if callee == NOWHERE:
                    return "a call names an organism that is not held"
                if p.organisms[callee].height >= o.height:
                    return "a caller is not above its callee"
    sums = sums_of_living(p)
    if memcmp(&sums, &p.living_sums, sizeof(Sums)) != 0:
        return "a sum over the living is wrong"
    if living != p.n_living or retained != p.n_retained or referenced != p.n_referenced:
        return "a count of organisms is wrong"
    if calls != callers:
        return "the calls and the callers do not balance"
    if referenced > p.library_capacity:
        return "more organisms are referred to than the library may hold"
    for i in range(p.expanded_limit + 1):
        slot = p.best_of_size[i]
        if slot != NOWHERE and (p.organisms[slot].state != LIVING or min(p.organisms[slot].expanded, p.expanded_limit) != i):
            return "the best of a size is not alive or not of that size"
        slot = p.best_of_era[i]
        if slot != NOWHERE and (p.organisms[slot].state != LIVING or p.organisms[slot].elder
                                or min(p.organisms[slot].expanded, p.expanded_limit) != i):
            return "the best of a size in this era is not alive, an elder, or not of that size"
    for i in range(p.n_living):
        o = &p.organisms[p.living[i]]
        slot = p.best_of_size[min(o.expanded, p.expanded_limit)]
        if slot == NOWHERE or p.organisms[slot].loss > o.loss:
            return "the best of a size is not the best"
        slot = p.best_of_era[min(o.expanded, p.expanded_limit)]
        if not o.elder and (slot == NOWHERE or p.organisms[slot].loss > o.loss):
            return "the best of a size in this era is not the best"
    return NULL
