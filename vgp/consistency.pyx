"""Whether an engine's store is what it says: the invariants of population.pxd, and all that organisms say of themselves worked out
anew from their genomes. For checkpoints, which may hold any bytes, and for tests."""

from libc.math cimport isfinite
from libc.stdint cimport uint32_t
from libc.stdlib cimport calloc, free

from vgp.core cimport GenomeError, GenomeLimits, Node, Opcode_reference, Refusal, Structure, genome_depth, validate
from vgp.evolution cimport Engine
from vgp.population cimport FREE, LIVING, Organism, Population, genome_of, population_check, population_find
from vgp.protection cimport protection_check
from vgp.references cimport expanded_size
from vgp.structure cimport structure_judges
from vgp.variation.draft cimport DRAFT_NODES


def check(Engine engine):
    """None, or the invariant of the store that is broken (see population.pxd)."""
    cdef Population* p = engine.p
    cdef uint32_t* callers = <uint32_t*> calloc(p.unused + 1, sizeof(uint32_t))
    cdef const char* broken
    if callers == NULL:
        raise MemoryError("no memory to check the population")
    with nogil:
        broken = population_check(p)
        if broken == NULL:
            broken = protection_check(p, engine.count.tick)
        if broken == NULL:
            broken = check_derived(p, engine.settings.primitives.n_variables, callers)
        if broken == NULL and engine.settings.limits.structure != NULL:
            broken = check_structure(p, engine.settings.limits.structure)
    free(callers)
    return None if broken == NULL else broken.decode()


cdef const char* check_derived(const Population* p, uint32_t n_variables, uint32_t* callers) noexcept nogil:
    """What every organism says of itself, worked out anew from the genomes. callers: [unused] zeros."""
    cdef uint32_t slot
    cdef const Node* nodes
    cdef const Organism* o
    for slot in range(p.unused):
        o = &p.organisms[slot]
        if o.state == FREE:
            continue
        nodes = genome_of(p, slot)
        if not is_valid(nodes, o.size, n_variables):
            return "a genome is not valid on this table"
        if not (isfinite(o.energy) and (o.state != LIVING or (isfinite(o.loss) and isfinite(o.slope) and isfinite(o.intercept)))):
            return "an organism's loss, scaling or energy is not finite"
        if o.depth != genome_depth(nodes, o.size) or o.expanded != expanded_size(p, nodes, o.size):
            return "a genome is not as deep or as long as it says"
        if o.calls != count_calls(p, nodes, o.size, callers) or o.height != height_of(p, nodes, o.size):
            return "a genome does not call as it says"
    for slot in range(p.unused):
        if p.organisms[slot].state != FREE and p.organisms[slot].callers != callers[slot]:
            return "an organism is not called as often as it says"
    return NULL


cdef const char* check_structure(const Population* p, const Structure* structure) noexcept nogil:
    cdef uint32_t slot
    cdef Refusal refusal
    for slot in range(p.unused):
        if p.organisms[slot].state != FREE:
            refusal = structure_judges(structure, genome_of(p, slot), p.organisms[slot].size)
            if refusal != Refusal.none:
                return "units do not hold in a genome" if refusal == Refusal.units else "a genome breaks a constraint"
    return NULL


cdef bint is_valid(const Node* nodes, uint32_t n, uint32_t n_variables) noexcept nogil:
    cdef GenomeLimits limits
    limits.max_nodes = DRAFT_NODES
    limits.max_depth = 255
    limits.n_variables = n_variables
    return validate(nodes, n, limits) == GenomeError.none


cdef uint32_t count_calls(const Population* p, const Node* nodes, uint32_t n, uint32_t* callers) noexcept nogil:
    """Calls of the genome, saturated at 255; each is counted at its callee."""
    cdef uint32_t i, calls = 0
    for i in range(n):
        if nodes[i].op == Opcode_reference:
            callers[population_find(p, nodes[i].reference)] += 1
            calls += 1
    return min(calls, <uint32_t> 255)


cdef uint32_t height_of(const Population* p, const Node* nodes, uint32_t n) noexcept nogil:
    cdef uint32_t i, height = 0
    for i in range(n):
        if nodes[i].op == Opcode_reference:
            height = max(height, <uint32_t> p.organisms[population_find(p, nodes[i].reference)].height + 1)
    return height
