"""Selection of parents: tournaments by loss, tournaments by loss among those that are no larger, and the best of each size."""

from vgp.core cimport Rng, rng_below
from vgp.population cimport NOWHERE, Population


cdef enum:
    RIVALS = 4      # drawn for each that counts


cdef uint32_t select_by_tournament(Rng& rng, const Population* p, uint32_t size) noexcept nogil:
    cdef uint32_t best = p.living[rng_below(rng, p.n_living)]
    cdef uint32_t k, rival
    for k in range(1, size):
        rival = p.living[rng_below(rng, p.n_living)]
        if p.organisms[rival].loss < p.organisms[best].loss:
            best = rival
    return best


cdef uint32_t select_no_larger(Rng& rng, const Population* p, uint32_t size) noexcept nogil:
    """Parents of all sizes, as they are among the living: large organisms, which have the lower losses, do not win against small ones.
    More rivals are drawn since most do not count (a dominance tournament, Horn, Nafpliotis, Goldberg 1994)."""
    cdef uint32_t best = p.living[rng_below(rng, p.n_living)]
    cdef uint32_t k, rival
    for k in range(1, RIVALS * size):
        rival = p.living[rng_below(rng, p.n_living)]
        if p.organisms[rival].loss < p.organisms[best].loss and p.organisms[rival].expanded <= p.organisms[best].expanded:
            best = rival
    return best


cdef uint32_t select_champion(Rng& rng, const Population* p) noexcept nogil:
    cdef uint32_t attempt, slot
    for attempt in range(16):
        slot = p.best_of_size[1 + rng_below(rng, p.expanded_limit)]
        if slot != NOWHERE:
            return slot
    return p.living[rng_below(rng, p.n_living)]
