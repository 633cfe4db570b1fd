"""How the living are distributed: counts by age, size and energy in fixed bins (vgp.statistics.CENSUS), in one look.

Like everything that observes a run it takes no longer for a million organisms than for thousands, and never touches the run's random
numbers.
"""

import numpy as np

from vgp.statistics import CENSUS

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from vgp.evolution cimport Engine, hold
from vgp.population cimport Organism, Population

cdef enum:
    BINS = 16
    KINDS = 3           # age, size, energy: the order of CENSUS
    MOST = 16_384       # organisms that are looked at, some 100 us; of more of them so many, spread evenly

cdef double edges[KINDS][BINS]

assert list(CENSUS) == ["age", "size", "energy"] and all(len(bounds) == BINS for bounds in CENSUS.values())
for kind, bounds in enumerate(CENSUS.values()):
    for k, bound in enumerate(bounds):
        edges[kind][k] = bound


def census(Engine engine):
    """{"age": counts, "size": counts, "energy": counts}, uint64 [16] each, their sums the number of the living.

    Exact up to 16,384 organisms, beyond that of so many, scaled. May be called while another thread runs a tick.
    """
    cdef uint64_t found[KINDS][BINS]
    cdef uint64_t looked_at, living
    memset(found, 0, sizeof(found))
    hold(engine)
    with nogil:
        living = engine.p.n_living
        looked_at = count(engine.p, <uint32_t> engine.count.tick, found)
        engine.lock.unlock()
    return {name: scaled([found[kind][k] for k in range(BINS)], looked_at, living) for kind, name in enumerate(CENSUS)}


cdef scaled(list found, uint64_t looked_at, uint64_t living):
    """Counts of all from counts of some: each bin's share of the whole, rounded so that the sum stays the whole."""
    counts = np.array(found, np.uint64)
    if looked_at == living:
        return counts
    until = np.cumsum(counts) * np.uint64(living) // np.uint64(looked_at)
    return np.diff(until, prepend=np.uint64(0))


cdef uint64_t count(const Population* p, uint32_t tick, uint64_t[BINS]* found) noexcept nogil:
    cdef uint64_t k, n = min(p.n_living, <uint32_t> MOST)
    cdef const Organism* o
    for k in range(n):
        o = &p.organisms[p.living[k * p.n_living // n]]
        found[0][bin_of(edges[0], tick - o.born)] += 1
        found[1][bin_of(edges[1], o.size)] += 1
        found[2][bin_of(edges[2], o.energy)] += 1
    return n


cdef uint32_t bin_of(const double* bounds, double value) noexcept nogil:
    """The last bin whose edge is not above the value; the first one for what lies below all."""
    cdef uint32_t at = 0, step = BINS // 2
    while step:
        if bounds[at + step] <= value:
            at += step
        step //= 2
    return at
