from libc.stdint cimport uint8_t, uint32_t
from libcpp cimport bool as cbool

from vgp.core cimport Rng
from vgp.variation.draft cimport Draft, Limits, Primitives

cdef enum:
    N_MUTATIONS = 7

# Changes the draft and keeps it indexed; False if there is nothing to change: the draft is then as it was.
ctypedef cbool (*Operator)(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil

# The operators by their numbers in parameters.MUTATIONS, and the number of one drawn by its weight.
cdef Operator[N_MUTATIONS] OPERATORS
cdef uint32_t draw_operator(Rng& rng, const double* weights) noexcept nogil
# A random function (or terminal) node; draft.size if there is none.
cdef uint32_t pick_where(Rng& rng, const Draft* draft, cbool functions) noexcept nogil
# Arity of a function of the primitive set.
cdef uint32_t arity_of(const Primitives* primitives, uint8_t op) noexcept nogil
# Applies one operator drawn by its weight (order: parameters.MUTATIONS). The draft is valid before and after; False if the
# operator found nothing to change.
cdef cbool mutate(Rng& rng, const Primitives* primitives, const Limits* limits, const double* weights, Draft* draft) noexcept nogil
