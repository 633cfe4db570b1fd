"""Crossover: a subtree of one parent takes the place of a subtree of the other (Koza 1992)."""

from vgp.core cimport Node, Rng, index_genome
from vgp.variation.draft cimport Draft, Limits, draft_copy, draft_fits, draft_replace, pick_position

cdef enum:
    ATTEMPTS = 4


cdef cbool cross(Rng& rng, const Node* first, uint32_t n_first, const Node* second, uint32_t n_second, const Limits* limits,
                 Draft* out) noexcept nogil:
    cdef uint32_t attempt, at, of, length
    for attempt in range(ATTEMPTS):
        at = pick_position(rng, first, n_first)
        of = pick_position(rng, second, n_second)
        length = second[of].length
        if n_first - first[at].length + length > limits.max_size:
            continue
        draft_copy(out, first, n_first)
        draft_replace(out, at, second + of + 1 - length, length, limits.max_size)
        if index_genome(out.nodes, out.size) and draft_fits(out, limits):
            return True
    draft_copy(out, first, n_first)
    return False
