from libc.stdint cimport uint8_t, uint32_t

from vgp.core cimport Rng
from vgp.population cimport Population

# A slot of the living by epsilon-lexicase on the errors of the probe rows, among `pool` drawn uniformly. p.keeps_errors, n_living >= 1.
cdef uint32_t select_by_lexicase(Rng& rng, const Population* p, uint32_t pool) noexcept nogil
# One row of it: keeps those of the n slots whose error there is at most the least one plus epsilon, in their order; returns how many.
cdef uint32_t pass_row(const Population* p, uint32_t* slots, uint32_t n, uint8_t row) noexcept nogil
