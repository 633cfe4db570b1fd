# The best of each size; see population.pxd for what holds of them.
from libc.stdint cimport uint32_t

from vgp.population cimport Population

cdef void population_rank(Population* p, uint32_t slot) noexcept nogil         # after a loss was set: enters best_of_size, best_of_era
# A walk over the front: the best of a size that are better than all that are smaller. Begin with (0, INFINITY), ask for the next.
cdef struct FrontWalk:
    uint32_t size           # of those still to be looked at
    double least            # loss of the last one

cdef uint32_t next_of_front(const Population* p, FrontWalk* walk) noexcept nogil    # slot, sizes increasing; NOWHERE at the end
# Of the living of which `best` (best_of_size or best_of_era) is the list: +inf if there are none.
cdef double least_loss(const Population* p, const uint32_t* best) noexcept nogil
cdef void population_rank_all(Population* p) noexcept nogil
# After somebody of that size left, who was the best: who is it now.
cdef void rank_size_again(Population* p, uint32_t size, uint32_t left) noexcept nogil
