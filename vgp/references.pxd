# Calls between organisms: how long a genome is with all calls written out, and the sandbox's questions.
from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport Node
from vgp.population cimport Population

# Nodes of the genome with all calls written out, saturated at MAX_EXPANDED; MAX_EXPANDED also when a callee is not held.
cdef uint32_t expanded_size(const Population* p, const Node* nodes, uint32_t n) noexcept nogil
# Whether the genome with all calls written out is a genome again: no deeper and no longer than the core's limits.
cdef bint can_be_written_out(const Population* p, const Node* nodes, uint32_t n) noexcept nogil
# The Resolver's function: the genome of a held organism, 0 nodes if there is none. context: Population*.
cdef uint32_t resolve_from_population(void* context, uint64_t organism_id, const Node** nodes) noexcept nogil
