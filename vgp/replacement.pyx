"""Whom immigrants replace when the population is full: what the field calls the replacement policy of migration."""

from vgp.lifecycle cimport settle_newborn, superfluous, take_result
from vgp.population cimport N_DEATHS, NOWHERE, Organism, population_bury, population_enliven, population_retain
from vgp.predators cimport Catch, any_prey, hunt, sample_prey, unlikeness
from vgp.protection cimport protect, protection_has_room


cdef bint settle_immigrant(Rng& rng, Population* p, const Predators* predators, const Metabolism* m, const Welcome* welcome,
                           uint32_t slot, const Result* result, uint64_t* deaths, uint64_t* stillborn) noexcept nogil:
    cdef bint protected = welcome.until and protection_has_room(p)
    if welcome.replacement == BY_PREDATORS and not protected:
        return settle_newborn(rng, p, predators, m, slot, result, deaths, stillborn, True)
    take_result(p, slot, result)
    p.organisms[slot].energy = m.birth
    if p.n_living >= p.capacity and not make_room(rng, p, predators, welcome.replacement, &p.organisms[slot], deaths):
        stillborn[0] += 1
        population_retain(p, slot)
        return False
    population_enliven(p, slot)
    if protected:
        protect(p, slot, welcome.until)
    return True


cdef bint make_room(Rng& rng, Population* p, const Predators* predators, uint32_t replacement, const Organism* immigrant,
                    uint64_t* deaths) noexcept nogil:
    """Buries one of the living; False where nobody may be replaced."""
    cdef Catch victim
    victim.cause = N_DEATHS     # of replacement
    if replacement == BY_PREDATORS:
        victim = hunt(rng, p, predators, NOWHERE)
        if victim.cause >= N_DEATHS:
            return False
    else:
        victim.slot = choose(rng, p, replacement, predators.sample, immigrant)
    if victim.slot == NOWHERE:
        victim.slot = superfluous(p, immigrant)
    if victim.slot == NOWHERE:
        return False
    if victim.cause < N_DEATHS:
        deaths[victim.cause] += 1
    population_bury(p, victim.slot)
    return True


cdef uint32_t choose(Rng& rng, const Population* p, uint32_t replacement, uint32_t sample, const Organism* immigrant) noexcept nogil:
    """NOWHERE if all the living are the best of their size or protected."""
    cdef uint32_t prey[1025]
    cdef uint32_t k, found, n = sample_prey(rng, p, 1 if replacement == RANDOM else sample, NOWHERE, prey)
    if n == 0:
        return any_prey(p)
    found = prey[0]
    for k in range(1, n):
        if goes_before(&p.organisms[prey[k]], &p.organisms[found], replacement, immigrant):
            found = prey[k]
    return found


cdef bint goes_before(const Organism* a, const Organism* b, uint32_t replacement, const Organism* immigrant) noexcept nogil:
    """Whether a is to be replaced rather than b; of two that are equally alike, the one with the higher loss."""
    cdef int nearer = 0
    if replacement == ALIKE:
        nearer = unlikeness(b, immigrant) - unlikeness(a, immigrant)
    return nearer > 0 or (nearer == 0 and a.loss > b.loss)
