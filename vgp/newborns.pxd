# A batch of newborns on its way through the evaluator: their slots, their genomes packed, and their results.
from libc.stdint cimport uint32_t

from vgp.core cimport Node, Result
from vgp.population cimport Population

cdef struct Newborns:
    Node* nodes             # genome i is nodes[offsets[i] .. offsets[i + 1])
    uint32_t* offsets       # offsets[0] is 0
    uint32_t* slots
    Result* results

# Room for `births` genomes of `stride` nodes. False if there is no memory; then there is nothing to free.
cdef bint newborns_allocate(Newborns* b, uint32_t births, uint32_t stride) noexcept nogil
cdef void newborns_free(Newborns* b) noexcept nogil
# The organism in that slot becomes entry k, the last one.
cdef void newborns_put(Newborns* b, uint32_t k, const Population* p, uint32_t slot) noexcept nogil
