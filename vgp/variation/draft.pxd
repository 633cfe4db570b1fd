# A genome in the making: a fixed buffer, and what every operator needs to know. Operators take the random source first and write
# a new genome; none keeps state, allocates or touches a parent.
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool as cbool

from vgp.core cimport Node, Rng, Structure

cdef enum:
    DRAFT_NODES = 1024
    MAX_FUNCTIONS = 64

cdef struct Blocks:                     # expressions that are used like variables; the arrays are the engine's
    const Node* nodes
    const uint32_t* offsets             # block k is nodes[offsets[k] .. offsets[k + 1])
    const uint32_t* depths
    uint32_t n
    double share                        # of operands that could be one

cdef struct Primitives:                 # the primitive set, functions grouped by arity
    uint8_t functions[64]               # opcodes, those of arity 1 first, then 2, then 3
    uint32_t first[5]                   # functions of arity a are functions[first[a] .. first[a + 1]); arities 1 to 3
    uint32_t n_functions
    uint32_t n_variables
    double constant_share               # of terminals
    double constant_scale
    Blocks blocks

# Groups the functions of these names by arity.
cdef fill_functions(Primitives* s, object names)

cdef struct Limits:
    uint32_t max_size                   # nodes, at most DRAFT_NODES
    uint32_t max_depth                  # levels
    const Structure* structure          # units and constraints; NULL: none

cdef struct Draft:                      # once an operator is done: indexed, and of the depth that it says
    Node nodes[1024]
    uint32_t size
    uint32_t depth                      # levels

cdef void draft_copy(Draft* draft, const Node* nodes, uint32_t n, uint32_t depth) noexcept nogil
# Replaces the subtree that ends at `at` by n nodes; False (draft unchanged) if the result would be longer than max_size. To be
# followed by draft_index.
cdef cbool draft_replace(Draft* draft, uint32_t at, const Node* nodes, uint32_t n, uint32_t max_size) noexcept nogil
# Lengths and depth anew, after the draft's shape was changed; False if it is not one expression.
cdef cbool draft_index(Draft* draft) noexcept nogil
cdef inline cbool draft_fits(const Draft* draft, const Limits* limits) noexcept nogil:
    return draft.size <= limits.max_size and draft.depth <= limits.max_depth
# Whether the draft, which fits, has units that hold and obeys the constraints. Without any this is True at once.
cdef cbool draft_is_admissible(const Draft* draft, const Limits* limits) noexcept nogil
# A random position: functions are preferred to terminals nine to one (Koza 1992).
cdef uint32_t pick_position(Rng& rng, const Node* nodes, uint32_t n) noexcept nogil
