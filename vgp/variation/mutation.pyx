"""Mutation: one table of operators, one operator a screenful. Order and weights: parameters.MUTATIONS."""

from libc.math cimport fabs, isfinite
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy, memmove, memset

from vgp.core cimport Node, Opcode_constant, Rng, rng_below, rng_normal, rng_uniform
from vgp.variation.creation cimport make_block, make_terminal, make_tree
from vgp.variation.draft cimport draft_copy, draft_fits, draft_index, draft_replace, pick_position


cdef uint32_t pick_where(Rng& rng, const Draft* draft, cbool functions) noexcept nogil:
    """By one pass over a random rotation."""
    cdef uint32_t start = rng_below(rng, draft.size), k, at
    for k in range(draft.size):
        at = start + k
        if at >= draft.size:
            at -= draft.size
        if (draft.nodes[at].arity > 0) == functions:
            return at
    return draft.size


cdef cbool change_constant(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    """One constant gets a relative step whose size is drawn anew each time, so that both jumps and fine tuning happen."""
    cdef uint32_t start = rng_below(rng, draft.size), k, at
    cdef double value, step
    for k in range(draft.size):
        at = (start + k) % draft.size
        if draft.nodes[at].op == Opcode_constant:
            value = draft.nodes[at].value
            step = 1.0
            for _ in range(rng_below(rng, 5)):
                step *= 0.2
            value += step * rng_normal(rng) * (fabs(value) if fabs(value) > 1e-3 else primitives.constant_scale)
            if rng_below(rng, 20) == 0:
                value = -value
            if not isfinite(value):
                return False
            draft.nodes[at].value = value
            return True
    return False


cdef cbool change_terminal(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef uint32_t at = pick_where(rng, draft, False)
    cdef Node block[1024]
    cdef uint32_t length
    if draft.nodes[at].arity > 0:
        return False
    length = make_block(rng, primitives, limits.max_size - draft.size + 1, limits.max_depth, block)
    if length:
        return draft_replace(draft, at, block, length, limits.max_size) and draft_index(draft)
    make_terminal(rng, primitives, &draft.nodes[at])
    return True


cdef cbool change_function(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef uint32_t at = pick_where(rng, draft, True), arity, n
    if at == draft.size or draft.nodes[at].payload != 0:      # a reference is no function of the primitive set
        return False
    arity = draft.nodes[at].arity
    n = primitives.first[arity + 1] - primitives.first[arity]
    if n == 0:
        return False
    draft.nodes[at].op = primitives.functions[primitives.first[arity] + rng_below(rng, n)]
    return True


cdef cbool new_subtree(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef Node fresh[1024]
    cdef uint32_t at = pick_position(rng, draft.nodes, draft.size)
    cdef uint32_t room = limits.max_size - (draft.size - draft.nodes[at].length)
    cdef uint32_t size = make_tree(rng, primitives, 1 + rng_below(rng, min(room, <uint32_t> 9)), limits.max_depth, fresh)
    return draft_replace(draft, at, fresh, size, limits.max_size) and draft_index(draft)


cdef cbool insert_function(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    """A function above a subtree, which becomes one of its operands; the other operands are new terminals or blocks."""
    cdef Node fresh[1024]
    cdef uint32_t at = rng_below(rng, draft.size)
    cdef uint32_t length = draft.nodes[at].length
    cdef uint32_t k, arity, place, room, filled, used = 0
    cdef uint8_t op
    if primitives.n_functions == 0:
        return False
    op = primitives.functions[rng_below(rng, primitives.n_functions)]
    arity = arity_of(primitives, op)
    if draft.size + arity > limits.max_size:
        return False
    place = rng_below(rng, arity)
    room = limits.max_size - draft.size - arity + 1      # of one operand, if the others are terminals
    for k in range(arity):
        if k == place:
            memcpy(&fresh[used], &draft.nodes[at + 1 - length], length * sizeof(Node))
            used += length
        else:
            filled = make_block(rng, primitives, room, limits.max_depth, &fresh[used])
            if filled == 0:
                make_terminal(rng, primitives, &fresh[used])
                filled = 1
            used += filled
            room -= filled - 1
    memset(&fresh[used], 0, sizeof(Node))
    fresh[used].op = op
    fresh[used].arity = <uint8_t> arity
    return draft_replace(draft, at, fresh, used + 1, limits.max_size) and draft_index(draft)


cdef cbool hoist(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    """A subtree gives its place to one of its own subtrees: the way back from bloat."""
    cdef Node kept[1024]
    cdef uint32_t at = pick_where(rng, draft, True), inner, length
    if at == draft.size:
        return False
    inner = at - 1 - rng_below(rng, <uint32_t> draft.nodes[at].length - 1) if draft.nodes[at].length > 1 else at
    length = draft.nodes[inner].length
    memcpy(kept, &draft.nodes[inner + 1 - length], length * sizeof(Node))
    return draft_replace(draft, at, kept, length, limits.max_size) and draft_index(draft)


cdef cbool swap_operands(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef Node first[1024]
    cdef uint32_t at = pick_where(rng, draft, True), n_last, n_first, start
    if at == draft.size or draft.nodes[at].arity < 2:
        return False
    n_last = draft.nodes[at - 1].length
    n_first = draft.nodes[at - 1 - n_last].length
    start = at - n_last - n_first
    memcpy(first, &draft.nodes[start], n_first * sizeof(Node))
    memmove(&draft.nodes[start], &draft.nodes[start + n_first], n_last * sizeof(Node))
    memcpy(&draft.nodes[start + n_last], first, n_first * sizeof(Node))
    return True


cdef uint32_t arity_of(const Primitives* primitives, uint8_t op) noexcept nogil:
    cdef uint32_t arity, k
    for arity in range(1, 4):
        for k in range(primitives.first[arity], primitives.first[arity + 1]):
            if primitives.functions[k] == op:
                return arity
    return 0


OPERATORS[0] = change_constant
OPERATORS[1] = change_terminal
OPERATORS[2] = change_function
OPERATORS[3] = new_subtree
OPERATORS[4] = insert_function
OPERATORS[5] = hoist
OPERATORS[6] = swap_operands


cdef uint32_t draw_operator(Rng& rng, const double* weights) noexcept nogil:
    cdef double total = 0, point
    cdef uint32_t k
    for k in range(N_MUTATIONS):
        total += weights[k]
    point = rng_uniform(rng) * total
    for k in range(N_MUTATIONS):
        point -= weights[k]
        if point < 0:
            return k
    return 0


cdef cbool mutate(Rng& rng, const Primitives* primitives, const Limits* limits, const double* weights, Draft* draft) noexcept nogil:
    cdef Draft before
    draft_copy(&before, draft.nodes, draft.size, draft.depth)
    if OPERATORS[draw_operator(rng, weights)](rng, primitives, limits, draft) and draft_fits(draft, limits):
        return True
    draft_copy(draft, before.nodes, before.size, before.depth)
    return False
