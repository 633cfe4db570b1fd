# The births that the living descend from. One Birth for each time that an organism came to live here: a genome that died and was bred
# again has two. Invariants, between two calls:
#   births[b].mother and .father are NOWHERE or births of an earlier tick, so that a line of mothers ends
#   seen[slot].birth of a LIVING slot, after it was noted, is its birth;   births' formulas lie in `nodes` without overlap
#   the table leads from the id of everybody that lived when last noted to the latest birth under it
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libcpp.unordered_map cimport unordered_map
from libcpp.vector cimport vector

from vgp.core cimport Node
from vgp.evolution cimport Engine
from vgp.turnstile cimport Turnstile

cdef enum Kept:             # why a birth outlives a sweep
    FORGOTTEN = 0
    AS_FATHER = 1           # the other parent of somebody in a line
    IN_LINE = 2             # somebody alive descends from it through mothers
    ALIVE = 3

cdef struct Birth:          # 80 bytes
    uint64_t id
    uint64_t parents[2]     # ids; 0: none
    double loss             # when it was last seen alive
    double slope
    double intercept
    uint64_t at             # of its formula in nodes
    uint32_t mother         # births; NOWHERE: none, or not known
    uint32_t father
    uint32_t tick           # in which it was bred; of founders and immigrants: after which they came
    uint32_t since          # Organism.born: with the id it tells births apart
    uint16_t size           # nodes of its formula, calls written out
    uint8_t kept            # a Kept
    uint8_t spare

cdef struct Seen:           # who was in a slot when it was last noted
    uint64_t id
    double loss
    uint32_t since
    uint32_t birth          # NOWHERE: nobody, or forgotten

cdef struct Entry:
    uint64_t id
    uint32_t birth          # NOWHERE: free

cdef class Lineage:
    cdef Engine engine
    cdef Turnstile lock                 # guards all below against readers; the engine's store is only read, within a command
    cdef vector[Birth] births
    cdef vector[Node] nodes
    cdef vector[Seen] seen              # [engine.p.n_slots]
    cdef vector[Entry] table            # open addressing, at most half full
    cdef unordered_map[uint64_t, uint32_t] adopted     # births copied from another lineage, see adoption.pyx
    cdef size_t n_entries
    cdef size_t newest                  # births from here on came since the note before the last one
    cdef size_t kept                    # births that outlived the last sweep
    cdef size_t most                    # that may outlive a sweep

# The latest birth under an id among those that lived when last noted; NOWHERE if there is none.
cdef uint32_t lineage_find(Lineage l, uint64_t organism_id) noexcept nogil
# The table anew from `seen`, with room for everybody.
cdef int lineage_index(Lineage l) except -1 nogil
