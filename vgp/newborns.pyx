"""Batches of newborns: flat arrays that are made once and used for every tick."""

from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from vgp.population cimport genome_of


cdef bint newborns_allocate(Newborns* b, uint32_t births, uint32_t stride) noexcept nogil:
    b.nodes = <Node*> calloc(<size_t> births * stride, sizeof(Node))
    b.offsets = <uint32_t*> calloc(<size_t> births + 1, sizeof(uint32_t))
    b.slots = <uint32_t*> calloc(births, sizeof(uint32_t))
    b.results = <Result*> calloc(births, sizeof(Result))
    if b.nodes != NULL and b.offsets != NULL and b.slots != NULL and b.results != NULL:
        return True
    newborns_free(b)
    return False


cdef void newborns_free(Newborns* b) noexcept nogil:
    free(b.nodes)
    free(b.offsets)
    free(b.slots)
    free(b.results)
    memset(b, 0, sizeof(Newborns))


cdef void newborns_put(Newborns* b, uint32_t k, const Population* p, uint32_t slot) noexcept nogil:
    cdef uint32_t size = p.organisms[slot].size
    memcpy(b.nodes + b.offsets[k], genome_of(p, slot), size * sizeof(Node))
    b.offsets[k + 1] = b.offsets[k] + size
    b.slots[k] = slot
