"""Protection of immigrants from predators and starvation, for a number of ticks. A count of the protected makes it cost nothing
where nobody is."""

from vgp.population cimport FREE, LIVING, Organism


cdef void protect(Population* p, uint32_t slot, uint32_t until) noexcept nogil:
    p.organisms[slot].protected_until = until
    p.n_protected += 1


cdef void release_expired(Population* p, uint64_t tick) noexcept nogil:
    cdef uint32_t i = 0
    cdef Organism* o
    while p.n_protected and i < p.n_living:
        o = &p.organisms[p.living[i]]
        if o.protected_until and o.protected_until <= tick:
            o.protected_until = 0
            p.n_protected -= 1
        i += 1


cdef void release_all_above(Population* p, uint32_t most) noexcept nogil:
    if p.n_protected > most:
        release_expired(p, 0xFFFFFFFF)


cdef const char* protection_check(const Population* p, uint64_t tick) noexcept nogil:
    cdef uint32_t slot, n = 0
    cdef const Organism* o
    for slot in range(p.unused):
        o = &p.organisms[slot]
        if o.state == FREE or o.protected_until == 0:
            continue
        if o.state != LIVING:
            return "an organism that is not alive is protected"
        if o.protected_until <= tick:
            return "a protection has not ended when it should"
        n += 1
    if n != p.n_protected or n > p.capacity // 4:
        return "the number of protected organisms is wrong"
    return NULL
