"""What a tick leaves behind: one plain record. Observing never touches the run's random numbers."""

from libc.math cimport INFINITY
from libc.stdlib cimport qsort

from vgp.core cimport Rng, rng_below, rng_seed
from vgp.population cimport Organism

cdef extern from *:
    """
    static inline int vgp_records_popcount64(unsigned long long x) { return __builtin_popcountll(x); }
    """
    int vgp_records_popcount64(unsigned long long x) noexcept nogil

cdef enum:
    SAMPLE = 255
    PAIRS = 256


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


cdef void observe(const Population* p, TickRecord* record) noexcept nogil:
    cdef Rng rng
    cdef uint32_t i
    cdef const Organism* o
    cdef double size = 0, expanded = 0, age = 0, energy = 0, calls = 0
    record.living = p.n_living
    record.retained = p.n_retained
    record.referenced = p.n_referenced
    record.best_loss = INFINITY
    record.median_loss = INFINITY
    if p.n_living == 0:
        return
    rng_seed(rng, record.tick)
    for i in range(p.n_living):
        o = &p.organisms[p.living[i]]
        record.best_loss = min(record.best_loss, o.loss)
        size += o.size
        expanded += o.expanded
        age += <double> record.tick - o.born
        energy += o.energy
        calls += o.calls
    record.mean_size = size / p.n_living
    record.mean_expanded = expanded / p.n_living
    record.mean_age = age / p.n_living
    record.mean_energy = energy / p.n_living
    record.mean_calls = calls / p.n_living
    record.median_loss = sampled_median(rng, p)
    record.diversity = sampled_diversity(rng, p)
