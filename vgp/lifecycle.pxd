from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport Result, Rng
from vgp.population cimport Organism, Population
from vgp.predators cimport Predators
from vgp.turnstile cimport Turnstile

cdef struct Metabolism:
    double birth, decay, income, cap, share
    uint32_t minimum        # starvation spares the last so many

# A newborn whose result is ok joins the living; when the population is full a predator makes room, or eats the newborn itself.
# True if it lives. deaths: [N_DEATHS] counters by cause; *stillborn counts newborns for which there was no room.
# stranger: an immigrant, see `superfluous`.
cdef bint settle_newborn(Rng& rng, Population* p, const Predators* predators, const Metabolism* m, uint32_t slot,
                         const Result* result, uint64_t* deaths, uint64_t* stillborn, bint stranger=*) noexcept nogil
# One tick of energy for all the living: income by rank, shares to those that are called, decay. lock: held by the caller, given way
# now and then; NULL: there is none.
cdef void nourish(Rng& rng, Population* p, const Metabolism* m, Turnstile* lock) noexcept nogil
# Those without energy die, except the best of each size, the protected and the last `minimum`. Returns how many died.
cdef uint32_t starve(Population* p, const Metabolism* m, Turnstile* lock) noexcept nogil
# Eats until at most `most` are alive (a population made smaller while it runs).
cdef void cull(Rng& rng, Population* p, const Predators* predators, uint32_t most, uint64_t* deaths) noexcept nogil
# The evaluator's verdict on the organism in that slot.
cdef void take_result(Population* p, uint32_t slot, const Result* result) noexcept nogil
# Whom an immigrant may replace though all the living are safe: the best of its size if it is better, or else the worst of those that
# it makes superfluous, no smaller and worse. NOWHERE: nobody. Where all are the best of a size, in this era or an earlier one, a better
# formula of another size would never come in otherwise.
cdef uint32_t superfluous(const Population* p, const Organism* newcomer) noexcept nogil
