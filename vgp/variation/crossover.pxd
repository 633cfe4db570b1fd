from libc.stdint cimport uint32_t
from libcpp cimport bool as cbool

from vgp.core cimport Node, Rng
from vgp.variation.draft cimport Draft, Limits

# The first parent with one subtree replaced by one of the second. False if none was found that fits; the draft is then no genome.
cdef cbool cross(Rng& rng, const Node* first, uint32_t n_first, const Node* second, uint32_t n_second, const Limits* limits,
                 Draft* out) noexcept nogil
# What stands before the subtree of the first that ends at `at`, then the other subtree, then what stood behind; not indexed.
cdef void join(Draft* out, const Node* first, uint32_t n_first, uint32_t at, const Node* subtree, uint32_t length) noexcept nogil
