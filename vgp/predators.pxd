from libc.stdint cimport uint32_t

from vgp.core cimport Rng
from vgp.population cimport Population

cdef enum:
    N_PREDATORS = 5

cdef struct Predators:
    double weights[5]       # by kind, order of parameters.PREDATORS; 0: that kind does not hunt
    uint32_t sample         # organisms looked at, at most 1024

cdef struct Catch:
    uint32_t slot           # NOWHERE: nothing could be eaten
    uint32_t cause          # a population.Death

# One predator, drawn by weight, looks at a sample of the living and at the newcomer (NOWHERE: none), and names the worst by its
# criterion. The best of each size is never named. Nothing is removed here.
cdef Catch hunt(Rng& rng, const Population* p, const Predators* predators, uint32_t newcomer) noexcept nogil
