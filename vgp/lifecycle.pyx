"""The life cycle: birth into a bounded population, energy and its decay, starvation.

An organism's income per tick is energy_income times the share of the population whose loss is not below its own, estimated
from a sample. It gives energy_share of it to the organisms that it calls, so that a useful sub-program lives on what its callers
earn (the bucket brigade's idea, Holland 1985).
"""

from libc.stdlib cimport qsort
from libc.string cimport memcpy

from vgp.core cimport N_PROBES, Node, Opcode_reference, Result, Rng, rng_below
from vgp.population cimport LIVING, N_DEATHS, NOWHERE, Organism, errors_of, genome_of, population_bury, population_enliven, \
    population_find, population_is_safe, population_retain
from vgp.predators cimport Catch, hunt

cdef enum:
    RANK_SAMPLE = 64        # losses that stand for the whole population's; a power of two
    AHEAD = 16              # organisms that are fetched before they are looked at
    STRIDE = 1024           # organisms looked at between two moments in which the lock is given way

cdef extern from *:
    """
    static inline void vgp_prefetch(const void* address) { __builtin_prefetch(address, 1); }
    """
    void vgp_prefetch(const void* address) noexcept nogil


cdef bint settle_newborn(Rng& rng, Population* p, const Predators* predators, const Metabolism* m, uint32_t slot,
                         const Result* result, uint64_t* deaths, uint64_t* stillborn, bint stranger=False) noexcept nogil:
    cdef Organism* o = &p.organisms[slot]
    cdef Catch victim
    take_result(p, slot, result)
    o.energy = m.birth
    if p.n_living >= p.capacity:
        victim = hunt(rng, p, predators, NOWHERE if beats_its_size(p, o) else slot)
        if victim.slot == NOWHERE and victim.cause < N_DEATHS:
            victim.slot = superfluous(p, o) if stranger else usurped(p, o)      # all the others are safe
        if victim.slot == NOWHERE or victim.slot == slot:
            if victim.slot == NOWHERE:
                stillborn[0] += 1
            else:
                deaths[victim.cause] += 1
            population_retain(p, slot)
            return False
        deaths[victim.cause] += 1
        population_bury(p, victim.slot)
    population_enliven(p, slot)
    return True


cdef void take_result(Population* p, uint32_t slot, const Result* result) noexcept nogil:
    cdef Organism* o = &p.organisms[slot]
    o.loss = result.loss
    o.slope = result.slope
    o.intercept = result.intercept
    o.signature = result.signature
    o.cost = result.cost
    if p.keeps_errors:
        memcpy(errors_of(p, slot), result.errors, N_PROBES)


cdef uint32_t best_of_its_size(const Population* p, const Organism* o) noexcept nogil:
    return p.best_of_era[min(o.expanded, p.expanded_limit)]


cdef bint beats_its_size(const Population* p, const Organism* o) noexcept nogil:
    cdef uint32_t best = best_of_its_size(p, o)
    return best == NOWHERE or o.loss < p.organisms[best].loss


cdef uint32_t usurped(const Population* p, const Organism* newcomer) noexcept nogil:
    """The best of the newcomer's size if it is worse: the newcomer takes the place that it won."""
    cdef uint32_t best = best_of_its_size(p, newcomer)
    if best == NOWHERE or p.organisms[best].protected_until or not newcomer.loss < p.organisms[best].loss:
        return NOWHERE
    return best


cdef uint32_t superfluous(const Population* p, const Organism* newcomer) noexcept nogil:
    cdef uint32_t found = usurped(p, newcomer), worst = NOWHERE, i, slot
    cdef const Organism* o
    if found != NOWHERE:
        return found
    for i in range(p.n_living):
        slot = p.living[i]
        o = &p.organisms[slot]
        if o.protected_until == 0 and o.expanded >= newcomer.expanded and o.loss > newcomer.loss \
                and (worst == NOWHERE or o.loss > p.organisms[worst].loss):
            worst = slot
    return worst


cdef int compare_losses(const void* a, const void* b) noexcept nogil:
    cdef double x = (<const double*> a)[0], y = (<const double*> b)[0]
    return (x > y) - (x < y)


cdef void nourish(Rng& rng, Population* p, const Metabolism* m, Turnstile* lock) noexcept nogil:
    cdef double losses[RANK_SAMPLE]
    cdef uint32_t i, k, n = RANK_SAMPLE
    cdef Organism* o
    cdef double income
    if p.n_living == 0 or m.decay <= 0:
        return
    for k in range(n):
        losses[k] = p.organisms[p.living[rng_below(rng, p.n_living)]].loss
    qsort(losses, n, sizeof(double), compare_losses)
    for i in range(p.n_living):
        look_ahead(p, i + AHEAD, lock)
        o = &p.organisms[p.living[i]]
        income = m.income * (1.0 - <double> rank(losses, n, o.loss) / n)
        if o.calls:
            income -= pay_callees(p, o, genome_of(p, p.living[i]), m.share * income)
        o.energy += income - m.decay
    for i in range(p.n_living):      # after all shares are paid, whatever the order of the living
        look_ahead(p, i + AHEAD, lock)
        o = &p.organisms[p.living[i]]
        if o.energy > m.cap:
            o.energy = m.cap


cdef inline void look_ahead(const Population* p, uint32_t i, Turnstile* lock) noexcept nogil:
    """On a walk over all the living, whose slots lie anywhere: fetches the i-th if there is one, and lets readers in now and then."""
    if i % STRIDE == 0 and lock != NULL:
        lock.give_way()
    if i < p.n_living:
        vgp_prefetch(&p.organisms[p.living[i]])
        vgp_prefetch(&p.organisms[p.living[i]].position)


cdef uint32_t rank(const double* losses, uint32_t n, double loss) noexcept nogil:
    """How many of the n sorted losses are below the given one; n is a power of two. No branch that depends on a loss: it would be
    guessed wrong half of the time."""
    cdef uint32_t below = 0, step = n // 2
    while step:
        below += step * (losses[below + step - 1] < loss)
        step //= 2
    return below + (losses[below] < loss)


cdef double pay_callees(Population* p, const Organism* o, const Node* nodes, double amount) noexcept nogil:
    """Divides the amount among the callees; what the dead ones would get stays with the caller. Returns what was paid."""
    cdef double part = amount / o.calls, paid = 0
    cdef uint32_t i, callee
    for i in range(o.size):
        if nodes[i].op == Opcode_reference:
            callee = population_find(p, nodes[i].reference)
            if callee != NOWHERE and p.organisms[callee].state == LIVING:
                p.organisms[callee].energy += part
                paid += part
    return min(paid, amount)


cdef uint32_t starve(Population* p, const Metabolism* m, Turnstile* lock) noexcept nogil:
    cdef uint32_t i = p.n_living, died = 0, slot
    if m.decay <= 0:
        return 0
    while i > 0:
        i -= 1
        look_ahead(p, i - AHEAD, lock)
        slot = p.living[i]
        if p.n_living <= m.minimum:
            break
        if p.organisms[slot].energy <= 0 and not population_is_safe(p, slot):
            population_bury(p, slot)     # the last of the living takes this place: it was looked at already
            died += 1
    return died


cdef void cull(Rng& rng, Population* p, const Predators* predators, uint32_t most, uint64_t* deaths) noexcept nogil:
    cdef Catch victim
    while p.n_living > most:
        victim = hunt(rng, p, predators, NOWHERE)
        if victim.slot == NOWHERE:
            victim.slot = highest_loss(p)
        else:
            deaths[victim.cause] += 1
        population_bury(p, victim.slot)


cdef uint32_t highest_loss(const Population* p) noexcept nogil:
    """Of those that are neither the best of their size nor protected, or of all where there are no others."""
    cdef uint32_t i, slot, found = p.living[0]
    for i in range(1, p.n_living):
        slot = p.living[i]
        if population_is_safe(p, slot) != population_is_safe(p, found):
            if population_is_safe(p, found):
                found = slot
        elif p.organisms[slot].loss > p.organisms[found].loss:
            found = slot
    return found
