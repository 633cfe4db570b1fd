from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport Result, Rng
from vgp.lifecycle cimport Metabolism
from vgp.population cimport Population
from vgp.predators cimport Predators

cdef enum Replacement:      # whom immigrants replace, in the order of parameters.REPLACEMENTS
    BY_PREDATORS = 0        # as newborns: a predator chooses, and may choose the immigrant itself
    WORST = 1               # of a sample, the one with the highest loss
    RANDOM = 2
    ALIKE = 3               # of a sample, the one that errs most like the immigrant

cdef struct Welcome:
    uint32_t replacement    # a Replacement
    uint32_t until          # tick until which they are protected, as far as there is room for it; 0: they are not

# An immigrant whose result is ok joins the living. Except by predators it always finds room where anybody may be replaced: neither
# the best of a size nor a protected one. True if it lives. deaths and *stillborn: as in lifecycle.settle_newborn.
cdef bint settle_immigrant(Rng& rng, Population* p, const Predators* predators, const Metabolism* m, const Welcome* welcome,
                           uint32_t slot, const Result* result, uint64_t* deaths, uint64_t* stillborn) noexcept nogil
