from libc.stdint cimport uint32_t, uint64_t
from libcpp cimport bool as cbool

from vgp.core cimport Node, Rng
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
# A call of `callee` takes the place of a subtree, which becomes one of its arguments. The others are terminals or, with `repeat`, as
# often copies of other parts of the draft.
cdef cbool place_call(Rng& rng, const Primitives* primitives, const Limits* limits, uint64_t callee, uint32_t arguments, cbool repeat,
                      Draft* draft) noexcept nogil
# Index of one of the genome's calls; n if there is none.
cdef uint32_t pick_call(Rng& rng, const Node* nodes, uint32_t n) noexcept nogil
# A part of the genome into `module`; empty if the part is a terminal or too long. Half of the time its variables are numbered in
# the order in which they come, for the arguments of a call; returns how many. Otherwise, or if they are more than calls may have
# arguments, they stay what they are, and it is 0.
cdef uint32_t cut_module(Rng& rng, const Node* nodes, uint32_t n, uint32_t max_arguments, Draft* module) noexcept nogil
