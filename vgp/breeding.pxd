from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport Rng
from vgp.population cimport Population
from vgp.settings cimport Settings
from vgp.variation.draft cimport Draft

# A child of one or two living parents into the draft, their ids into parents[2] (0: none). The population is not empty.
cdef void conceive(Rng& rng, const Population* p, const Settings* s, Draft* draft, uint64_t* parents) noexcept nogil
# Now and then a module, and how many arguments its calls take: the slot of one that is held; or NOWHERE and a part of a good
# organism in `module`, to become one of its own; or NOWHERE and an empty draft.
cdef uint32_t draw_module(Rng& rng, const Population* p, const Settings* s, Draft* module, uint32_t* arguments) noexcept nogil
# A call of it into the draft, if it may be called.
cdef void call_module(Rng& rng, const Population* p, const Settings* s, uint32_t slot, uint32_t arguments,
                      Draft* draft) noexcept nogil
