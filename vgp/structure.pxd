# From units and constraints, as Python has them, to the struct that variation asks.
from libc.stdint cimport uint32_t

from vgp.core cimport Node, Refusal, Structure
from vgp.variation.draft cimport Draft, Limits, Primitives

# What parameters and units ask of a formula; NULL: nothing. `population`: Population**, where callees are found. `scaled`: slope and
# intercept are fitted. To be given back by structure_delete. Raises MemoryError.
cdef Structure* structure_new(object parameters, object units, const Primitives* primitives, bint scaled, void* population) except? NULL
cdef void structure_delete(const Structure* structure) noexcept nogil
# LossSettings.linear_scaling: whether slope and intercept may be fitted without breaking units.
cdef uint32_t scaling_allowed(object parameters, object units)
# As reports name it; not for none.
cdef str refusal_name(Refusal refusal)
# Whether a finished draft must not be; counted.
cdef bint structure_refuses(const Structure* structure, const Draft* draft) noexcept nogil
# Why a valid genome must not be; none without a structure.
cdef Refusal structure_judges(const Structure* structure, const Node* nodes, uint32_t n) noexcept nogil
