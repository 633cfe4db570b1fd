"""Predators: one kind per criterion. Each samples the population and eats the worst of its sample.

The field calls this the replacement policy; tournaments for removal go back to Syswerda (1991), removal by age to Real et al.
(2019), removal by likeness to crowding (De Jong 1975).
"""

from vgp.core cimport Rng, rng_below, rng_uniform
from vgp.population cimport EATEN_ERROR, NOWHERE, Organism, population_is_safe

ctypedef double (*Criterion)(const Organism* o) noexcept nogil   # larger is worse

cdef extern from *:
    """
    static inline int vgp_popcount64(unsigned long long x) { return __builtin_popcountll(x); }
    """
    int vgp_popcount64(unsigned long long x) noexcept nogil


cdef double by_error(const Organism* o) noexcept nogil:
    return o.loss


cdef double by_size(const Organism* o) noexcept nogil:
    return <double> o.expanded


cdef double by_age(const Organism* o) noexcept nogil:
    return -<double> o.born


cdef double by_cost(const Organism* o) noexcept nogil:
    return <double> o.cost


cdef Criterion[N_PREDATORS] CRITERIA
CRITERIA[0] = by_error
CRITERIA[1] = by_size
CRITERIA[2] = by_age
CRITERIA[3] = by_cost
CRITERIA[4] = NULL          # likeness is a matter of pairs


cdef uint32_t draw_kind(Rng& rng, const Predators* predators) noexcept nogil:
    cdef double total = 0, point
    cdef uint32_t k
    for k in range(N_PREDATORS):
        total += predators.weights[k]
    if total <= 0:
        return N_PREDATORS
    point = rng_uniform(rng) * total
    for k in range(N_PREDATORS):
        point -= predators.weights[k]
        if point < 0:
            return k
    return 0


cdef uint32_t sample_prey(Rng& rng, const Population* p, uint32_t size, uint32_t newcomer, uint32_t* out) noexcept nogil:
    cdef uint32_t n = 0, attempt, slot
    if newcomer != NOWHERE:
        out[0] = newcomer
        n = 1
    if p.n_living == 0:
        return n
    for attempt in range(4 * size):
        if n >= size + (newcomer != NOWHERE):
            break
        slot = p.living[rng_below(rng, p.n_living)]
        if not population_is_safe(p, slot):
            out[n] = slot
            n += 1
    return n


cdef uint32_t worst(const Population* p, const uint32_t* prey, uint32_t n, Criterion criterion) noexcept nogil:
    cdef uint32_t k, found = prey[0]
    cdef double value, most = criterion(&p.organisms[found])
    for k in range(1, n):
        value = criterion(&p.organisms[prey[k]])
        if value > most:
            most = value
            found = prey[k]
    return found


cdef int unlikeness(const Organism* a, const Organism* b) noexcept nogil:
    return vgp_popcount64(a.signature ^ b.signature)


cdef uint32_t most_alike(const Population* p, const uint32_t* prey, uint32_t n) noexcept nogil:
    """Of the two in the sample whose residuals have the same sign on the most probe rows, the one with the higher loss."""
    cdef uint32_t i, k, found = prey[0]
    cdef int distance, least = 65
    cdef const Organism* a
    cdef const Organism* b
    for i in range(n):
        a = &p.organisms[prey[i]]
        for k in range(i + 1, n):
            if prey[i] == prey[k]:
                continue
            b = &p.organisms[prey[k]]
            distance = unlikeness(a, b)
            if distance < least:
                least = distance
                found = prey[i] if a.loss > b.loss or (a.loss == b.loss and a.expanded > b.expanded) else prey[k]
    return found


cdef uint32_t any_prey(const Population* p) noexcept nogil:
    """The first of the living that may be eaten: for populations that are nearly all champions."""
    cdef uint32_t i
    for i in range(p.n_living):
        if not population_is_safe(p, p.living[i]):
            return p.living[i]
    return NOWHERE


cdef Catch hunt(Rng& rng, const Population* p, const Predators* predators, uint32_t newcomer) noexcept nogil:
    cdef uint32_t prey[1025]
    cdef uint32_t n
    cdef uint32_t kind = draw_kind(rng, predators)
    cdef Catch result
    result.slot = NOWHERE
    result.cause = EATEN_ERROR + kind
    if kind == N_PREDATORS:
        return result
    n = sample_prey(rng, p, predators.sample, newcomer, prey)
    if n == 0:
        result.slot = any_prey(p)
    elif CRITERIA[kind] != NULL:
        result.slot = worst(p, prey, n, CRITERIA[kind])
    else:
        result.slot = most_alike(p, prey, n)
    return result
