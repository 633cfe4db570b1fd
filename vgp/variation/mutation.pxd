from libc.stdint cimport uint32_t
from libcpp cimport bool as cbool

from vgp.core cimport Rng
from vgp.variation.draft cimport Draft, Limits, Primitives

cdef enum:
    N_MUTATIONS = 7

# Applies one operator drawn by its weight (order: parameters.MUTATIONS). The draft is valid before and after; False if the
# operator found nothing to change.
cdef cbool mutate(Rng& rng, const Primitives* primitives, const Limits* limits, const double* weights, Draft* draft) noexcept nogil
