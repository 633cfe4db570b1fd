# Mutation and crossover under units and constraints (limits.structure is set): what comes out is admissible, or nothing changed.
from libc.stdint cimport uint32_t
from libcpp cimport bool as cbool

from vgp.core cimport Node, Rng
from vgp.variation.draft cimport Draft, Limits, Primitives

# `mutate` under them. False if several operators found nothing that is allowed; the draft is then as it was.
cdef cbool mutate_within(Rng& rng, const Primitives* primitives, const Limits* limits, const double* weights,
                         Draft* draft) noexcept nogil
# `cross` under them: a subtree gives way to one that its place accepts.
cdef cbool cross_within(Rng& rng, const Node* first, uint32_t n_first, const Node* second, uint32_t n_second, const Limits* limits,
                        Draft* out) noexcept nogil
