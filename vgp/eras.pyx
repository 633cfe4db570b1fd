"""Restarts: a population that finds nothing better any more starts anew.

The front's organisms stay as elders: they live, are shown and exported, and breed no more, so that what comes next does not fall into
the same hole. Whether a run finds a law is often decided early: many short runs find more than a long one (Luke 2001, "When short
runs beat long runs"). Which problem wants which patience is not known, so eras have that of the universal sequence.
"""

from vgp import founding

from libc.math cimport INFINITY
from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from vgp.evolution cimport Engine
from vgp.population cimport NOWHERE, Population, population_bury
from vgp.ranks cimport FrontWalk, least_loss, next_of_front

cdef double BETTER = 0.99       # of the loss before: what counts as an improvement


def luby(uint64_t number):
    """The universal sequence 1, 1, 2, 1, 1, 2, 4, ... at number 1, 2, ... (Luby, Sinclair, Zuckerman 1993)."""
    cdef uint64_t power = 1
    while 2 * power - 1 < number:
        power *= 2
    return power if 2 * power - 1 == number else luby(number - (power - 1))


def stagnant(Engine engine, uint64_t patience):
    """Whether this era's best has not improved for `patience` ticks, times what the universal sequence says. Ask after each tick."""
    cdef double least = least_loss(engine.p, engine.p.best_of_era)
    if engine.count.improved == 0 or least < BETTER * engine.count.least:
        engine.count.least = least
        engine.count.improved = engine.count.tick
    return engine.count.tick - engine.count.improved >= patience * luby(engine.count.era + 1)


def restart(Engine engine):
    """Begins an era, unless its elders would take more than half of the places. Raises what an evaluation raises; the population is
    then smaller, and fills up again.
    """
    cdef bint crowded
    with nogil:
        engine.lock.lock()
        crowded = 2 * front_size(engine.p) > engine.p.capacity
        engine.count.improved = engine.count.tick
        if not crowded:
            begin_era(engine.p)
            engine.count.era += 1
            engine.count.least = INFINITY
        engine.lock.unlock()
    if not crowded:
        founding.create(engine, recorded=False)


cdef uint32_t front_size(const Population* p) noexcept nogil:
    cdef FrontWalk walk = FrontWalk(0, INFINITY)
    cdef uint32_t n = 0
    while next_of_front(p, &walk) != NOWHERE:
        n += 1
    return n


cdef void begin_era(Population* p) noexcept nogil:
    """All the living but the front are buried; the front's become elders."""
    cdef FrontWalk walk = FrontWalk(0, INFINITY)
    cdef uint32_t i, slot
    for i in range(p.n_living):
        p.organisms[p.living[i]].elder = 0
    slot = next_of_front(p, &walk)
    while slot != NOWHERE:
        p.organisms[slot].elder = 1
        slot = next_of_front(p, &walk)
    memset(p.best_of_era, 0xFF, (p.expanded_limit + 1) * sizeof(uint32_t))
    for i in range(p.n_living, 0, -1):
        if not p.organisms[p.living[i - 1]].elder:
            population_bury(p, p.living[i - 1])
