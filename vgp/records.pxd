# One plain record per tick; the field order is the dtype of statistics.py.
from libc.stdint cimport uint32_t, uint64_t

from vgp.population cimport Population

cdef struct TickRecord:
    uint64_t tick
    uint64_t evaluations            # organisms evaluated since the island was created
    uint64_t node_evaluations       # nodes x rows, likewise
    uint64_t births                 # newborns of this tick that joined the living
    uint64_t duplicates             # newborns whose genome was held already: never evaluated
    uint64_t oversized              # newborns too long with all calls written out, or calling too deep
    uint64_t stillborn              # newborns for which there was no room, or that tuning made the same as one that is held
    uint64_t invalid[10]            # newborns by evaluation.hpp Status
    uint64_t deaths[6]              # by population.Death
    uint64_t tunings                # newborns of this tick whose constants were tuned
    uint64_t improved               # those of them that got better by it
    uint64_t immigrants             # organisms imported since the last tick
    uint64_t living
    uint64_t retained               # dead, but called by something that is held
    uint64_t referenced             # organisms that others call
    uint64_t era                    # how often the population started anew
    double best_loss                # of the living; +inf if there are none
    double median_loss
    double mean_size                # nodes
    double mean_expanded            # nodes with all calls written out
    double mean_age                 # ticks
    double mean_energy              # of the living; beyond 4,096 of them, of so many
    double mean_calls               # reference nodes per organism
    double diversity                # share of probe rows on which two random organisms err to different sides: 0 all alike, 0.5 unrelated
    double seconds                  # wall time of the tick

cdef void observe(const Population* p, TickRecord* record) noexcept nogil
# What ticks count is summed; what tells how things stand is that of the last one.
cdef void accumulate(TickRecord* totals, const TickRecord* record) noexcept nogil
# Seconds on a clock that only goes forward.
cdef double now() noexcept nogil
