from libc.stdint cimport uint32_t
from libcpp cimport bool as cbool

from vgp.core cimport Rng
from vgp.population cimport Population
from vgp.variation.draft cimport Draft, Limits, Primitives

# All three leave the draft valid; False if there was nothing to do or the result would not fit.
# A new call of a living organism takes the place of a subtree; the subtree becomes its first argument if it takes any.
cdef cbool create_call(Rng& rng, const Population* p, const Primitives* primitives, const Limits* limits, uint32_t max_depth,
                       uint32_t max_arguments, Draft* draft) noexcept nogil
# A call is written out: the callee's genome with the arguments in the place of its first variables.
cdef cbool inline_call(Rng& rng, const Population* p, const Limits* limits, Draft* draft) noexcept nogil
# A call gives way to its first argument, or to a new terminal.
cdef cbool drop_call(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil
