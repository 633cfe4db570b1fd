# Creation under units: random expressions that meet a demand. Without units (structure.has_units) nothing here is called.
from libc.stdint cimport uint32_t
from libcpp cimport bool as cbool

from vgp.core cimport Demand, Node, Rng, Structure, Type
from vgp.variation.draft cimport Draft, Limits, Primitives

# A random expression of at most `size` nodes that meets the demand, and its type; 0 if none was found.
cdef uint32_t make_typed(Rng& rng, const Primitives* primitives, const Structure* structure, uint32_t size, uint32_t max_depth,
                         const Demand& demand, Node* out, Type* type) noexcept nogil
# A terminal, or else the shortest expression of at most `size` nodes, that meets the demand; 0 if there is none.
cdef uint32_t make_fitting(Rng& rng, const Primitives* primitives, const Structure* structure, uint32_t size, const Demand& demand,
                           Node* out, Type* type) noexcept nogil
# `create` under units and constraints. False: hardly anything is allowed; the draft is then no genome.
cdef cbool create_within(Rng& rng, const Primitives* primitives, const Limits* limits, uint32_t minimum, uint32_t maximum,
                         Draft* out) noexcept nogil
