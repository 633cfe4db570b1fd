from libc.stdint cimport uint32_t

from vgp.core cimport Rng
from vgp.population cimport Population

# One of the living, drawn uniformly, that is no elder, unless there are hardly any others. n_living >= 1.
cdef uint32_t anyone(Rng& rng, const Population* p) noexcept nogil
# The slot with the least loss among `size` drawn uniformly from the living (with replacement). n_living >= 1.
cdef uint32_t select_by_tournament(Rng& rng, const Population* p, uint32_t size) noexcept nogil
# A slot drawn uniformly from the best of each size; falls back to one of the living.
cdef uint32_t select_champion(Rng& rng, const Population* p) noexcept nogil
# A slot drawn uniformly from the living, or one with less loss that is no larger: of some more than `size` rivals, the best such.
cdef uint32_t select_no_larger(Rng& rng, const Population* p, uint32_t size) noexcept nogil
