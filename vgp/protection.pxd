# Protection of immigrants: until a tick of their own, neither predators nor starvation nor other immigrants take them. At most a
# quarter of the population is protected at any moment, so that births always find room.
from libc.stdint cimport uint32_t, uint64_t

from vgp.population cimport Population

cdef enum:
    MOST_TICKS = 1_000_000  # of protection

cdef inline bint protection_has_room(const Population* p) noexcept nogil:
    return p.n_protected < p.capacity // 4
cdef void protect(Population* p, uint32_t slot, uint32_t until) noexcept nogil             # a LIVING slot that is not protected
cdef void release_expired(Population* p, uint64_t tick) noexcept nogil                     # after that tick
cdef void release_all_above(Population* p, uint32_t most) noexcept nogil                   # where more than `most` are protected
cdef const char* protection_check(const Population* p, uint64_t tick) noexcept nogil       # NULL, or what is broken after that tick
