"""What a tick leaves behind: one plain record. Observing never touches the run's random numbers, and takes no longer for a million
organisms than for thousands."""

from libc.math cimport INFINITY
from libc.stdlib cimport qsort
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec

from vgp.core cimport Rng, rng_below, rng_seed
from vgp.ranks cimport least_loss

cdef extern from *:
    """
    static inline int vgp_records_popcount64(unsigned long long x) { return __builtin_popcountll(x); }
    """
    int vgp_records_popcount64(unsigned long long x) noexcept nogil

cdef enum:
    SAMPLE = 255
    PAIRS = 256
    ENERGIES = 4096


cdef int compare(const void* a, const void* b) noexcept nogil:
    cdef double x = (<const double*> a)[0], y = (<const double*> b)[0]
    return (x > y) - (x < y)


cdef double sampled_median(Rng& rng, const Population* p) noexcept nogil:
    """Median loss: exact up to 255 organisms, of a sample of 255 beyond."""
    cdef double losses[SAMPLE]
    cdef uint32_t k, n = min(p.n_living, <uint32_t> SAMPLE)
    for k in range(n):
        losses[k] = p.organisms[p.living[k if p.n_living <= SAMPLE else rng_below(rng, p.n_living)]].loss
    qsort(losses, n, sizeof(double), compare)
    return losses[n // 2]


cdef double sampled_diversity(Rng& rng, const Population* p) noexcept nogil:
    cdef uint64_t different = 0
    cdef uint32_t k
    for k in range(PAIRS):
        different += vgp_records_popcount64(p.organisms[p.living[rng_below(rng, p.n_living)]].signature
                                            ^ p.organisms[p.living[rng_below(rng, p.n_living)]].signature)
    return <double> different / (PAIRS * 64)


cdef double sampled_energy(const Population* p) noexcept nogil:
    """Mean energy: exact up to 4,096 organisms, beyond that of so many, spread evenly."""
    cdef double sum = 0
    cdef uint64_t k, n = min(p.n_living, <uint32_t> ENERGIES)
    for k in range(n):
        sum += p.organisms[p.living[k * p.n_living // n]].energy
    return sum / n


cdef void observe(const Population* p, TickRecord* record) noexcept nogil:
    cdef Rng rng
    cdef double n = p.n_living
    record.living = p.n_living
    record.retained = p.n_retained
    record.referenced = p.n_referenced
    record.best_loss = INFINITY
    record.median_loss = INFINITY
    if p.n_living == 0:
        return
    rng_seed(rng, record.tick)
    record.best_loss = least_loss(p, p.best_of_size)
    record.mean_size = p.living_sums.size / n
    record.mean_expanded = p.living_sums.expanded / n
    record.mean_age = (record.tick * n - p.living_sums.born) / n    # whole numbers: exact but for the division
    record.mean_energy = sampled_energy(p)
    record.mean_calls = p.living_sums.calls / n
    record.median_loss = sampled_median(rng, p)
    record.diversity = sampled_diversity(rng, p)


cdef void accumulate(TickRecord* totals, const TickRecord* record) noexcept nogil:
    cdef TickRecord before = totals[0]
    cdef uint32_t k
    totals[0] = record[0]
    totals.births += before.births
    totals.duplicates += before.duplicates
    totals.oversized += before.oversized
    totals.stillborn += before.stillborn
    totals.tunings += before.tunings
    totals.improved += before.improved
    totals.immigrants += before.immigrants
    totals.seconds += before.seconds
    for k in range(sizeof(before.invalid) // sizeof(uint64_t)):
        totals.invalid[k] += before.invalid[k]
    for k in range(sizeof(before.deaths) // sizeof(uint64_t)):
        totals.deaths[k] += before.deaths[k]


cdef double now() noexcept nogil:
    cdef timespec t
    clock_gettime(CLOCK_MONOTONIC, &t)
    return t.tv_sec + 1e-9 * t.tv_nsec
