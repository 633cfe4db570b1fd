from libc.stdint cimport uint32_t

from vgp.core cimport Rng
from vgp.population cimport Organism, Population

cdef enum:
    N_PREDATORS = 5

cdef struct Predators:
    double weights[5]       # by kind, order of parameters.PREDATORS; 0: that kind does not hunt
    uint32_t sample         # organisms looked at, at most 1024

cdef struct Catch:
    uint32_t slot           # NOWHERE: nothing could be eaten
    uint32_t cause          # a population.Death

# One predator, drawn by weight, looks at a sample of the living and at the newcomer (NOWHERE: none), and names the worst by its
# criterion. The best of each size and the protected are never named. Nothing is removed here.
cdef Catch hunt(Rng& rng, const Population* p, const Predators* predators, uint32_t newcomer) noexcept nogil
# Up to `size` slots that may be eaten, the newcomer first; drawn with replacement from the living. out: [size + 1]
cdef uint32_t sample_prey(Rng& rng, const Population* p, uint32_t size, uint32_t newcomer, uint32_t* out) noexcept nogil
cdef uint32_t any_prey(const Population* p) noexcept nogil      # NOWHERE: nobody may be eaten
cdef int unlikeness(const Organism* a, const Organism* b) noexcept nogil    # probe rows on which they err to different sides
