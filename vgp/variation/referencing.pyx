"""Referencing: variation that makes, writes out and drops calls of other organisms (in the line of automatically defined
functions, Koza 1994, and tangled program graphs, Kelly and Heywood 2017; the called program here is an organism with a life
of its own)."""

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy, memset

from vgp.core cimport Node, Opcode_reference, Opcode_variable, rng_below, substitute
from vgp.population cimport NOWHERE, genome_of, population_find, population_may_be_called
from vgp.variation.creation cimport make_terminal
from vgp.variation.draft cimport DRAFT_NODES, draft_copy, draft_fits, draft_index, draft_is_admissible, draft_replace, pick_position
from vgp.variation.selection cimport select_by_tournament


cdef enum:
    MODULE_NODES = 12       # of a part that becomes an organism of its own


cdef cbool settle(Draft* draft, const Draft* before, const Limits* limits) noexcept nogil:
    """True if the draft is a genome within the limits, and admissible; otherwise it becomes what it was."""
    if draft_index(draft) and draft_fits(draft, limits) and draft_is_admissible(draft, limits):
        return True
    draft_copy(draft, before.nodes, before.size, before.depth)
    return False


cdef cbool create_call(Rng& rng, const Population* p, const Primitives* primitives, const Limits* limits, uint32_t max_depth,
                       uint32_t max_arguments, Draft* draft) noexcept nogil:
    cdef uint32_t target = select_by_tournament(rng, p, 2)
    if p.organisms[target].size < 2 or not population_may_be_called(p, target, max_depth):
        return False
    return place_call(rng, primitives, limits, p.organisms[target].id, rng_below(rng, min(max_arguments, primitives.n_variables) + 1),
                      False, draft)


cdef cbool place_call(Rng& rng, const Primitives* primitives, const Limits* limits, uint64_t callee, uint32_t arguments, cbool repeat,
                      Draft* draft) noexcept nogil:
    cdef Draft before
    cdef Node call[1024]
    cdef uint32_t at = pick_position(rng, draft.nodes, draft.size), used = 0, k, of
    cdef uint32_t kept = rng_below(rng, arguments) if repeat and arguments else 0
    if draft.size + arguments + 1 > limits.max_size:
        return False
    for k in range(arguments):
        if k != kept and not (repeat and rng_below(rng, 2)):
            make_terminal(rng, primitives, &call[used])
            used += 1
            continue
        of = at if k == kept else pick_position(rng, draft.nodes, draft.size)
        if used + draft.nodes[of].length >= limits.max_size:
            return False
        memcpy(&call[used], &draft.nodes[of + 1 - draft.nodes[of].length], draft.nodes[of].length * sizeof(Node))
        used += draft.nodes[of].length
    memset(&call[used], 0, sizeof(Node))
    call[used].op = Opcode_reference
    call[used].arity = <uint8_t> arguments
    call[used].reference = callee
    draft_copy(&before, draft.nodes, draft.size, draft.depth)
    return draft_replace(draft, at, call, used + 1, limits.max_size) and settle(draft, &before, limits)


cdef uint32_t cut_module(Rng& rng, const Node* nodes, uint32_t n, uint32_t max_arguments, Draft* module) noexcept nogil:
    cdef uint32_t at = pick_position(rng, nodes, n), i, k, seen = 0, length = nodes[at].length
    cdef uint32_t variables[3]
    module.size = 0
    if length < 2 or length > MODULE_NODES:
        return 0
    draft_copy(module, &nodes[at + 1 - length], length, 0)
    draft_index(module)
    if rng_below(rng, 2):
        return 0
    for i in range(length):
        if module.nodes[i].op != Opcode_variable:
            continue
        for k in range(seen):
            if variables[k] == module.nodes[i].variable:
                break
        else:
            if seen == min(max_arguments, 3):
                return 0
            variables[seen] = module.nodes[i].variable
            seen += 1
    for i in range(length):
        for k in range(seen):
            if module.nodes[i].op == Opcode_variable and module.nodes[i].variable == variables[k]:
                module.nodes[i].variable = k
                break
    return seen


cdef uint32_t pick_call(Rng& rng, const Node* nodes, uint32_t n) noexcept nogil:
    cdef uint32_t start = rng_below(rng, n), k, at
    for k in range(n):
        at = (start + k) % n
        if nodes[at].op == Opcode_reference:
            return at
    return n


cdef cbool inline_call(Rng& rng, const Population* p, const Limits* limits, Draft* draft) noexcept nogil:
    cdef Draft before
    cdef Node out[1024]
    cdef const Node* arguments[3]
    cdef uint32_t lengths[3]
    cdef uint32_t at = pick_call(rng, draft.nodes, draft.size), slot, used, k, n_arguments, end
    if at == draft.size:
        return False
    slot = population_find(p, draft.nodes[at].reference)
    if slot == NOWHERE:
        return False
    draft_copy(&before, draft.nodes, draft.size, draft.depth)
    n_arguments = draft.nodes[at].arity
    end = at
    for k in range(n_arguments):
        lengths[n_arguments - 1 - k] = before.nodes[end - 1].length
        end -= before.nodes[end - 1].length
        arguments[n_arguments - 1 - k] = &before.nodes[end]
    used = substitute(genome_of(p, slot), p.organisms[slot].size, arguments, lengths, n_arguments, out, DRAFT_NODES)
    if used == 0 or not draft_replace(draft, at, out, used, limits.max_size):
        return False
    return settle(draft, &before, limits)


cdef cbool drop_call(Rng& rng, const Primitives* primitives, const Limits* limits, Draft* draft) noexcept nogil:
    cdef Draft before
    cdef Node terminal
    cdef uint32_t at = pick_call(rng, draft.nodes, draft.size), length, start
    if at == draft.size:
        return False
    draft_copy(&before, draft.nodes, draft.size, draft.depth)
    if draft.nodes[at].arity == 0:
        make_terminal(rng, primitives, &terminal)
        draft_replace(draft, at, &terminal, 1, limits.max_size)
    else:
        start = at + 1 - draft.nodes[at].length
        length = draft.nodes[start_of_first(draft, at)].length
        draft_replace(draft, at, &before.nodes[start], length, limits.max_size)
    return settle(draft, &before, limits)


cdef uint32_t start_of_first(const Draft* draft, uint32_t at) noexcept nogil:
    """Index of the root of the first operand of the node at `at`."""
    cdef uint32_t root = at - 1, k
    for k in range(1, draft.nodes[at].arity):
        root -= draft.nodes[root].length
    return root
