"""Selection of parents: tournaments by loss, tournaments by loss among those that are no larger, and the best of each size. Elders
lose every tournament."""

from vgp.core cimport Rng, rng_below
from vgp.population cimport NOWHERE, Organism, Population


cdef enum:
    RIVALS = 4      # drawn for each that counts
    TRIES = 64      # to find somebody who breeds


cdef uint32_t anyone(Rng& rng, const Population* p) noexcept nogil:
    cdef uint32_t attempt, slot = p.living[rng_below(rng, p.n_living)]
    for attempt in range(TRIES):
        if not p.organisms[slot].elder:
            break
        slot = p.living[rng_below(rng, p.n_living)]
    return slot


cdef inline bint loses(const Organism* best, const Organism* rival) noexcept nogil:
    return rival.loss < best.loss and not rival.elder or best.elder and not rival.elder


cdef uint32_t select_by_tournament(Rng& rng, const Population* p, uint32_t size) noexcept nogil:
    cdef uint32_t best = anyone(rng, p)
    cdef uint32_t k, rival
    for k in range(1, size):
        rival = p.living[rng_below(rng, p.n_living)]
        if loses(&p.organisms[best], &p.organisms[rival]):
            best = rival
    return best


cdef uint32_t select_no_larger(Rng& rng, const Population* p, uint32_t size) noexcept nogil:
    """Parents of all sizes, as they are among the living: large organisms, which have the lower losses, do not win against small ones.
    More rivals are drawn since most do not count (a dominance tournament, Horn, Nafpliotis, Goldberg 1994)."""
    cdef uint32_t best = anyone(rng, p)
    cdef uint32_t k, rival
    for k in range(1, RIVALS * size):
        rival = p.living[rng_below(rng, p.n_living)]
        if loses(&p.organisms[best], &p.organisms[rival]) and p.organisms[rival].expanded <= p.organisms[best].expanded:
            best = rival
    return best


cdef uint32_t select_champion(Rng& rng, const Population* p) noexcept nogil:
    cdef uint32_t attempt, slot
    for attempt in range(16):
        slot = p.best_of_era[1 + rng_below(rng, p.expanded_limit)]
        if slot != NOWHERE:
            return slot
    return anyone(rng, p)
