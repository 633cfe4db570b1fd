from libc.stdint cimport uint64_t

from vgp.core cimport Rng
from vgp.population cimport Population
from vgp.settings cimport Settings
from vgp.variation.draft cimport Draft

# A child of one or two living parents into the draft, their ids into parents[2] (0: none). The population is not empty.
cdef void conceive(Rng& rng, const Population* p, const Settings* s, Draft* draft, uint64_t* parents) noexcept nogil
