"""Crossover: a subtree of one parent takes the place of a subtree of the other (Koza 1992)."""

from libc.string cimport memcpy

from vgp.core cimport Node, Rng
from vgp.variation.draft cimport Draft, Limits, draft_fits, draft_index, pick_position

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
        join(out, first, n_first, at, second + of + 1 - length, length)
        if draft_index(out) and draft_fits(out, limits):
            return True
    return False


cdef void join(Draft* out, const Node* first, uint32_t n_first, uint32_t at, const Node* subtree, uint32_t length) noexcept nogil:
    cdef uint32_t start = at + 1 - first[at].length, n_rest = n_first - (at + 1)
    memcpy(out.nodes, first, start * sizeof(Node))
    memcpy(&out.nodes[start], subtree, length * sizeof(Node))
    memcpy(&out.nodes[start + length], &first[at + 1], n_rest * sizeof(Node))
    out.size = start + length + n_rest
