"""Doors for tests: each operator on NumPy genomes, one call, one seed. Not for use in a run."""

import numpy as np

from vgp.layout import NODE

from libc.stdint cimport uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy

from vgp.core cimport Node, Rng, genome_depth, rng_seed
from vgp.variation.creation cimport create as create_draft
from vgp.variation.crossover cimport cross as cross_into
from vgp.variation.draft cimport Draft, Limits, Primitives, draft_copy, fill_functions
from vgp.variation.mutation cimport N_MUTATIONS, mutate as mutate_draft
from vgp.variation.referencing cimport cut_module


cdef const Node* pointer(nodes):
    return <const Node*> <uintptr_t> nodes.ctypes.data


cdef as_array(const Draft* draft):
    out = np.empty(draft.size, NODE)
    memcpy(<void*> <uintptr_t> out.ctypes.data, draft.nodes, draft.size * sizeof(Node))
    return out


cdef Primitives primitives_of(functions, uint32_t n_variables, double constant_share):
    cdef Primitives p
    fill_functions(&p, functions)
    p.n_variables = n_variables
    p.constant_share = constant_share
    p.constant_scale = 2.0
    p.blocks.n = 0
    return p


def create(uint64_t seed, functions, uint32_t n_variables, uint32_t minimum, uint32_t maximum, uint32_t max_depth,
           double constant_share=0.3):
    """A random genome of the given function names."""
    cdef Rng rng
    cdef Primitives p = primitives_of(functions, n_variables, constant_share)
    cdef Limits limits
    cdef Draft draft
    rng_seed(rng, seed)
    limits.max_size = maximum
    limits.max_depth = max_depth
    create_draft(rng, &p, &limits, minimum, maximum, &draft)
    return as_array(&draft)


def cross(uint64_t seed, first, second, uint32_t max_size, uint32_t max_depth):
    """(child, whether a subtree of the second parent is in it)."""
    cdef Rng rng
    cdef Limits limits
    cdef Draft draft
    rng_seed(rng, seed)
    limits.max_size = max_size
    limits.max_depth = max_depth
    crossed = cross_into(rng, pointer(first), len(first), pointer(second), len(second), &limits, &draft)
    return (as_array(&draft) if crossed else first), crossed


def mutate(uint64_t seed, uint32_t operator, nodes, functions, uint32_t n_variables, uint32_t max_size, uint32_t max_depth):
    """(child, whether the operator of that number in parameters.MUTATIONS changed anything)."""
    cdef Rng rng
    cdef Primitives p = primitives_of(functions, n_variables, 0.3)
    cdef Limits limits
    cdef Draft draft
    cdef double weights[N_MUTATIONS]
    cdef uint32_t k
    for k in range(N_MUTATIONS):
        weights[k] = k == operator
    rng_seed(rng, seed)
    limits.max_size = max_size
    limits.max_depth = max_depth
    draft_copy(&draft, pointer(nodes), len(nodes), genome_depth(pointer(nodes), len(nodes)))
    changed = mutate_draft(rng, &p, &limits, weights, &draft)
    return as_array(&draft), changed


def cut(uint64_t seed, nodes, uint32_t max_arguments):
    """(module, how many arguments its calls take) of a part of the genome; the module is empty where that part is no module."""
    cdef Rng rng
    cdef Draft module
    rng_seed(rng, seed)
    arguments = cut_module(rng, pointer(nodes), len(nodes), max_arguments, &module)
    return as_array(&module), arguments
