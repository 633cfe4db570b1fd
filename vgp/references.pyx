"""Calls between organisms.

A call without arguments is the callee's value on the same row of the table. With k arguments these stand in for the callee's own
variables 0 to k-1; what the callee calls in turn is not touched by them.
"""

from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport MAX_EXPANDED, MAX_NODES, MAX_REFERENCE_DEPTH, FlattenError, Node, Opcode_reference, Opcode_variable, flatten
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
            total = expand_call(p, slot, &open[top], nodes[i].arity, depth)
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
                          uint32_t depth) noexcept nogil:
    if n_arguments == 0:
        return p.organisms[slot].expanded
    if p.organisms[slot].calls == 0:
        return written_out(genome_of(p, slot), p.organisms[slot].size, arguments, n_arguments)
    return expand(p, genome_of(p, slot), p.organisms[slot].size, arguments, n_arguments, depth + 1)


cdef uint32_t written_out(const Node* nodes, uint32_t n, const uint32_t* arguments, uint32_t n_arguments) noexcept nogil:
    """Size of a body that calls nobody: an argument's more for every variable that it stands for. Most calls are of this kind."""
    cdef uint64_t total = n
    cdef uint32_t i
    for i in range(n):
        if nodes[i].op == Opcode_variable and nodes[i].variable < n_arguments:
            total += arguments[nodes[i].variable] - 1
    return <uint32_t> min(total, <uint64_t> MAX_EXPANDED)


cdef bint can_be_written_out(const Population* p, const Node* nodes, uint32_t n) noexcept nogil:
    cdef Node out[4096]     # MAX_NODES
    return flatten(nodes, n, resolve_from_population, <void*> p, out, MAX_NODES).error == FlattenError.none
