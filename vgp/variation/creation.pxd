from libc.stdint cimport uint32_t

from vgp.core cimport Node, Rng
from vgp.variation.draft cimport Draft, Limits, Primitives

cdef double make_constant(Rng& rng, double scale) noexcept nogil
# Arity of a random function among those with at most `most` operands; 0 if there is none.
cdef uint32_t draw_arity(Rng& rng, const Primitives* primitives, uint32_t most) noexcept nogil
cdef void make_terminal(Rng& rng, const Primitives* primitives, Node* node) noexcept nogil
# A random block of at most `size` nodes and max_depth levels, or nothing; returns its number of nodes. Without blocks nothing is drawn.
cdef uint32_t make_block(Rng& rng, const Primitives* primitives, uint32_t size, uint32_t max_depth, Node* out) noexcept nogil
# A random expression of about `size` nodes, never more, and never deeper than max_depth; returns its number of nodes.
cdef uint32_t make_tree(Rng& rng, const Primitives* primitives, uint32_t size, uint32_t max_depth, Node* out) noexcept nogil
# A random expression of `minimum` to `maximum` nodes, sizes uniform.
cdef void create(Rng& rng, const Primitives* primitives, const Limits* limits, uint32_t minimum, uint32_t maximum,
                 Draft* out) noexcept nogil
