"""Calls between organisms.

An organism is a function of a row. A call without arguments applies the callee to the row the caller was given; a call with k
arguments applies it to that row with variables 0 to k-1 replaced by the arguments, for everything below the callee too.
"""

from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport MAX_ARGUMENTS, MAX_EXPANDED, MAX_NODES, MAX_REFERENCE_DEPTH, Node, Opcode_reference, Opcode_variable
from vgp.population cimport NOWHERE, Population, genome_of, population_find


cdef uint32_t resolve_from_population(void* context, uint64_t organism_id, const Node** nodes) noexcept nogil:
    cdef const Population* p = <const Population*> context
    cdef uint32_t slot = population_find(p, organism_id)
    if slot == NOWHERE:
        return 0
    nodes[0] = genome_of(p, slot)
    return p.organisms[slot].size


cdef uint32_t expanded_size(const Population* p, const Node* nodes, uint32_t n) noexcept nogil:
    cdef uint32_t i
    for i in range(n):
        if nodes[i].op == Opcode_reference:
            return expand(p, nodes, n, NULL, 0, 0)
    return n


cdef uint32_t expand(const Population* p, const Node* nodes, uint32_t n, const uint32_t* replaced, uint32_t n_replaced,
                     uint32_t depth) noexcept nogil:
    """Size of the genome when its first n_replaced variables stand for expressions of `replaced` nodes."""
    cdef uint32_t open[1025]              # sizes of the subtrees still open; variation's genomes have at most 1024 nodes
    cdef uint32_t top = 0, i, k, slot, total
    if depth > MAX_REFERENCE_DEPTH or n > 1024:
        return MAX_EXPANDED
    for i in range(n):
        if nodes[i].op == Opcode_variable and nodes[i].variable < n_replaced:
            total = replaced[nodes[i].variable]
        elif nodes[i].op == Opcode_reference:
            slot = population_find(p, nodes[i].reference)
            if slot == NOWHERE:
                return MAX_EXPANDED
            top -= nodes[i].arity
            total = expand_call(p, slot, &open[top], nodes[i].arity, replaced, n_replaced, depth)
        else:
            total = 1
            for k in range(nodes[i].arity):
                top -= 1
                total += open[top]
        if total >= MAX_EXPANDED:
            return MAX_EXPANDED
        open[top] = total
        top += 1
    return open[0]


cdef uint32_t expand_call(const Population* p, uint32_t slot, const uint32_t* arguments, uint32_t n_arguments,
                          const uint32_t* replaced, uint32_t n_replaced, uint32_t depth) noexcept nogil:
    cdef uint32_t merged[3]
    cdef uint32_t k, n_merged = max(n_arguments, n_replaced)
    if n_merged == 0:
        return p.organisms[slot].expanded
    for k in range(n_merged):
        merged[k] = arguments[k] if k < n_arguments else replaced[k]
    return expand(p, genome_of(p, slot), p.organisms[slot].size, merged, n_merged, depth + 1)
