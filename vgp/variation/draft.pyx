"""A genome in the making: the buffer that operators write into, and how they choose a place in it."""

from vgp.layout import ARITIES, OPCODES

from libc.string cimport memcpy, memmove

from vgp.core cimport Node, Refusal, Rng, Structure, index_genome, rng_below


cdef void draft_copy(Draft* draft, const Node* nodes, uint32_t n, uint32_t depth) noexcept nogil:
    memcpy(draft.nodes, nodes, n * sizeof(Node))
    draft.size = n
    draft.depth = depth


cdef cbool draft_replace(Draft* draft, uint32_t at, const Node* nodes, uint32_t n, uint32_t max_size) noexcept nogil:
    cdef uint32_t length = draft.nodes[at].length
    cdef uint32_t start = at + 1 - length
    if draft.size - length + n > max_size:
        return False
    memmove(&draft.nodes[start + n], &draft.nodes[at + 1], (draft.size - at - 1) * sizeof(Node))
    memcpy(&draft.nodes[start], nodes, n * sizeof(Node))
    draft.size = draft.size - length + n
    return True


cdef cbool draft_index(Draft* draft) noexcept nogil:
    draft.depth = index_genome(draft.nodes, draft.size)
    return draft.depth > 0


cdef cbool draft_is_admissible(const Draft* draft, const Limits* limits) noexcept nogil:
    cdef Structure* structure = <Structure*> limits.structure
    if structure == NULL:
        return True
    structure.attempts += 1
    if structure.judge(draft.nodes, draft.size) == Refusal.none:
        return True
    structure.refused_attempts += 1
    return False


cdef uint32_t pick_position(Rng& rng, const Node* nodes, uint32_t n) noexcept nogil:
    cdef uint32_t attempt, at = rng_below(rng, n)
    if rng_below(rng, 10) == 0:
        return at
    for attempt in range(4):
        if nodes[at].arity > 0:
            return at
        at = rng_below(rng, n)
    return at


cdef fill_functions(Primitives* s, object names):
    cdef uint32_t n = 0, arity
    s.first[0] = 0
    for arity in range(1, 4):
        s.first[arity] = n
        for name in names:
            if ARITIES[OPCODES[name]] == arity:
                s.functions[n] = OPCODES[name]
                n += 1
    s.first[4] = n
    s.n_functions = n
