"""Doors for tests: variation under an island's units and constraints, one call, one seed. Not for use in a run."""

from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport LONGEST_EXPRESSION, Rng, genome_depth, rng_seed
from vgp.evolution cimport Engine
from vgp.variation.doors cimport as_array, pointer
from vgp.variation.draft cimport Draft, draft_copy
from vgp.variation.mutation cimport N_MUTATIONS
from vgp.variation.typed_creation cimport create_within
from vgp.variation.typed_mutation cimport cross_within, mutate_within


def create(Engine engine, uint64_t seed, uint32_t minimum, uint32_t maximum):
    """A random genome, or None where none was found. The engine must have units or constraints; so must it for the others."""
    cdef Rng rng
    cdef Draft draft
    rng_seed(rng, seed)
    if not create_within(rng, &engine.settings.primitives, &engine.settings.limits, minimum, maximum, &draft):
        return None
    return as_array(&draft)


def mutate(Engine engine, uint64_t seed, uint32_t operator, nodes):
    """(child, whether the operator of that number in parameters.MUTATIONS changed anything)."""
    cdef Rng rng
    cdef Draft draft
    cdef double weights[N_MUTATIONS]
    cdef uint32_t k
    for k in range(N_MUTATIONS):
        weights[k] = k == operator
    rng_seed(rng, seed)
    draft_copy(&draft, pointer(nodes), len(nodes), genome_depth(pointer(nodes), len(nodes)))
    changed = mutate_within(rng, &engine.settings.primitives, &engine.settings.limits, weights, &draft)
    return as_array(&draft), changed


def cross(Engine engine, uint64_t seed, first, second):
    """(child, whether a subtree of the second parent is in it)."""
    cdef Rng rng
    cdef Draft draft
    rng_seed(rng, seed)
    crossed = cross_within(rng, pointer(first), len(first), pointer(second), len(second), &engine.settings.limits, &draft)
    return (as_array(&draft) if crossed else first), crossed


def dimensions(Engine engine):
    """{exponents of a dimension: nodes of the shortest expression over the columns} of the pool, for those that have one."""
    cdef uint32_t i, k
    pool = {}
    for i in range(engine.settings.limits.structure.pool.size()):
        if engine.settings.limits.structure.pool.shortest(i) <= LONGEST_EXPRESSION:
            key = tuple([engine.settings.limits.structure.pool.dimension(i).e[k] for k in range(16)])
            pool[key] = engine.settings.limits.structure.pool.shortest(i)
    return pool
