"""The best organism of each size: of all the living, and of those of this era."""

from libc.math cimport INFINITY
from libc.string cimport memset

from vgp.population cimport NOWHERE


cdef void population_rank(Population* p, uint32_t slot) noexcept nogil:
    cdef uint32_t size = min(p.organisms[slot].expanded, p.expanded_limit)
    enter(p, &p.best_of_size[size], slot)
    if not p.organisms[slot].elder:
        enter(p, &p.best_of_era[size], slot)


cdef inline void enter(const Population* p, uint32_t* best, uint32_t slot) noexcept nogil:
    if best[0] == NOWHERE or p.organisms[slot].loss < p.organisms[best[0]].loss:
        best[0] = slot


cdef void rank_size_again(Population* p, uint32_t size, uint32_t left) noexcept nogil:
    """Only the ranks that it held: of several that are equally good the first one keeps a rank."""
    cdef uint32_t i, slot
    cdef bint of_all = p.best_of_size[size] == left, of_era = p.best_of_era[size] == left
    if of_all:
        p.best_of_size[size] = NOWHERE
    if of_era:
        p.best_of_era[size] = NOWHERE
    for i in range(p.n_living):
        slot = p.living[i]
        if slot == left or min(p.organisms[slot].expanded, p.expanded_limit) != size:
            continue
        if of_all:
            enter(p, &p.best_of_size[size], slot)
        if of_era and not p.organisms[slot].elder:
            enter(p, &p.best_of_era[size], slot)


cdef void population_rank_all(Population* p) noexcept nogil:
    cdef uint32_t i
    memset(p.best_of_size, 0xFF, (p.expanded_limit + 1) * sizeof(uint32_t))
    memset(p.best_of_era, 0xFF, (p.expanded_limit + 1) * sizeof(uint32_t))
    for i in range(p.n_living):
        population_rank(p, p.living[i])


cdef uint32_t next_of_front(const Population* p, FrontWalk* walk) noexcept nogil:
    cdef uint32_t slot
    while walk.size <= p.expanded_limit:
        slot = p.best_of_size[walk.size]
        walk.size += 1
        if slot != NOWHERE and p.organisms[slot].loss < walk.least:
            walk.least = p.organisms[slot].loss
            return slot
    return NOWHERE


cdef double least_loss(const Population* p, const uint32_t* best) noexcept nogil:
    cdef double least = INFINITY
    cdef uint32_t size
    for size in range(p.expanded_limit + 1):
        if best[size] != NOWHERE:
            least = min(least, p.organisms[best[size]].loss)
    return least
