"""Epsilon-lexicase selection: rows one after the other, in random order, and on each only those stay that err hardly more than the best
there. So an organism that is good where others are not becomes a parent, whatever its mean error (La Cava, Spector, Danai 2016; epsilon
is the median absolute deviation within the pool, their "dynamic" variant).
"""

from libc.math cimport fabs, ldexp
from libc.stdint cimport uint8_t, uint32_t
from libcpp.algorithm cimport nth_element

from vgp.core cimport N_PROBES, rng_below
from vgp.population cimport errors_of
from vgp.variation.selection cimport anyone


cdef enum:
    MOST = 256      # in a pool


cdef uint32_t select_by_lexicase(Rng& rng, const Population* p, uint32_t pool) noexcept nogil:
    cdef uint32_t slots[MOST]
    cdef uint8_t rows[64]
    cdef uint32_t n = min(pool, <uint32_t> MOST), left = N_PROBES, k
    for k in range(n):
        slots[k] = anyone(rng, p)
    for k in range(N_PROBES):
        rows[k] = k
    while n > 1 and left:
        k = rng_below(rng, left)
        left -= 1
        n = pass_row(p, slots, n, rows[k])
        rows[k] = rows[left]
    return slots[rng_below(rng, n)]


cdef uint32_t pass_row(const Population* p, uint32_t* slots, uint32_t n, uint8_t row) noexcept nogil:
    cdef double errors[MOST]
    cdef double sorted[MOST]
    cdef double least, limit
    cdef uint32_t k, kept = 0
    for k in range(n):
        errors[k] = size_of(errors_of(p, slots[k])[row])
        sorted[k] = errors[k]
        least = errors[k] if k == 0 else min(least, errors[k])
    limit = median(sorted, n)
    for k in range(n):
        sorted[k] = fabs(errors[k] - limit)
    limit = least + median(sorted, n)
    for k in range(n):
        if errors[k] <= limit:
            slots[kept] = slots[k]
            kept += 1
    return kept


cdef double median(double* values, uint32_t n) noexcept nogil:
    """The lower one of two. Puts the values into another order."""
    nth_element(values, values + (n - 1) // 2, values + n)
    return values[(n - 1) // 2]


cdef double size_of(uint8_t level) noexcept nogil:
    """The least error of a level, see error_level() in core/loss.hpp; 0 of level 0."""
    return ldexp(1.0 + 0.125 * (level & 7), (level >> 3) - 28) if level else 0.0
