# The store of organisms: flat arrays of slots, no Python object per organism. Everything here is nogil.
#
# A slot is FREE, NEWBORN (bred, being evaluated), LIVING (in the population) or RETAINED (dead, but something living calls it).
# A slot's number never changes while it is held. Invariants, checked by population_check():
#   living[organisms[s].position] == s  for every LIVING slot s, and only for those;   n_living <= capacity
#   id -> slot is one to one over all slots that are not FREE (a population is a set of genomes)
#   organisms[s].callers == number of reference nodes in held genomes that name organisms[s].id
#   a RETAINED slot has callers > 0;   the slots with callers > 0 are at most library_capacity
#   living_sums are the sums of the fields of these names over the LIVING
#   best_of_size[k] is the LIVING slot with the least loss among those with expanded == k, or NOWHERE
#   best_of_era[k] likewise among those that are no elders
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool as cbool

from vgp.core cimport N_PROBES, Node, Result

cdef enum:
    NOWHERE = 0xFFFFFFFF

cdef enum State:
    FREE = 0
    NEWBORN = 1
    LIVING = 2
    RETAINED = 3

cdef enum Death:            # causes, as statistics count them
    STARVED = 0
    EATEN_ERROR = 1         # the predators, in the order of parameters.PREDATORS
    EATEN_SIZE = 2
    EATEN_AGE = 3
    EATEN_COST = 4
    EATEN_LIKENESS = 5
    N_DEATHS = 6

cdef struct Organism:       # 96 bytes
    uint64_t id             # content hash of the genome
    uint64_t parents[2]     # ids; 0: none (created, or an immigrant)
    uint64_t signature      # residual signs on the probe rows: likeness of behaviour
    double loss             # +inf until evaluated
    double slope
    double intercept
    double energy
    uint32_t born           # tick
    uint32_t position       # index in living[]; NOWHERE unless LIVING
    uint32_t callers        # reference nodes in held genomes that name this one
    uint32_t cost           # evaluator's estimate of run time per row
    uint32_t expanded       # nodes with all calls written out
    uint16_t size           # nodes
    uint8_t depth           # levels
    uint8_t calls           # reference nodes in its own genome, saturated at 255
    uint8_t height          # calls within calls below it: 0 calls nobody
    uint8_t state           # a State
    uint8_t elder           # 1: the best of an earlier era, which lives on and breeds no more
    uint8_t spare           # 0
    uint32_t protected_until  # tick before whose end neither predators nor starvation take it; 0: not protected

cdef struct Sums:           # over the living, kept up to date so that observing them costs nothing
    uint64_t size, expanded, calls, born

cdef struct Population:
    Organism* organisms     # [n_slots]
    Node* nodes             # [n_slots * stride]
    uint8_t* errors         # [n_slots * N_PROBES] of the probe rows, see Result; only where keeps_errors, zeros elsewhere
    uint32_t* living        # [capacity] slots, in no order
    uint32_t* free_slots    # [n_slots] stack of slots given back
    uint32_t* table         # [table_mask + 1] open addressing: slot, or NOWHERE
    uint32_t* best_of_size  # [expanded_limit + 1]
    uint32_t* best_of_era   # [expanded_limit + 1]
    uint32_t table_mask
    uint32_t n_slots
    uint32_t n_free         # entries of free_slots
    uint32_t unused         # slots from here on were never used
    uint32_t capacity       # most LIVING
    uint32_t library_capacity  # most slots with callers > 0
    uint32_t stride         # nodes per slot: the longest genome
    uint32_t expanded_limit
    uint32_t n_living
    uint32_t n_retained
    uint32_t n_referenced   # slots with callers > 0
    uint32_t n_protected    # LIVING slots with protected_until > 0, at most capacity / 4
    Sums living_sums
    cbool keeps_errors


cdef Population* population_new(uint32_t capacity, uint32_t in_flight, uint32_t library_capacity, uint32_t stride,
                                uint32_t expanded_limit) noexcept nogil
cdef void population_delete(Population* p) noexcept nogil
cdef uint32_t population_find(const Population* p, uint64_t organism_id) noexcept nogil
cdef void table_insert(Population* p, uint32_t slot) noexcept nogil     # by its id
cdef void table_remove(Population* p, uint32_t slot) noexcept nogil     # before its id changes
# A NEWBORN slot holding a copy of the genome, its calls acquired; NOWHERE if the id is held already, a call names an organism that
# is not held, the library is full, or all slots are taken. The genome is valid, of that depth, and no longer than the stride.
cdef uint32_t population_add(Population* p, const Node* nodes, uint32_t n, uint32_t depth) noexcept nogil
cdef void population_enliven(Population* p, uint32_t slot) noexcept nogil      # NEWBORN or RETAINED -> LIVING; n_living < capacity
cdef void population_retain(Population* p, uint32_t slot) noexcept nogil       # NEWBORN -> RETAINED if called, else freed
cdef void population_bury(Population* p, uint32_t slot) noexcept nogil         # LIVING -> RETAINED if called, else freed
cdef inline cbool population_is_champion(const Population* p, uint32_t slot) noexcept nogil:
    return (p.best_of_size[min(p.organisms[slot].expanded, p.expanded_limit)] == slot
            or p.best_of_era[min(p.organisms[slot].expanded, p.expanded_limit)] == slot)
cdef inline cbool population_is_safe(const Population* p, uint32_t slot) noexcept nogil:   # the best of its size, or protected
    return p.organisms[slot].protected_until or population_is_champion(p, slot)
cdef inline Node* genome_of(const Population* p, uint32_t slot) noexcept nogil:
    return p.nodes + <uint64_t> slot * p.stride
cdef inline uint8_t* errors_of(const Population* p, uint32_t slot) noexcept nogil:
    return p.errors + <uint64_t> slot * N_PROBES
# Whether one more organism may call this one: it is lower than max_height, and called already or the library has room.
cdef inline cbool population_may_be_called(const Population* p, uint32_t slot, uint32_t max_height) noexcept nogil:
    return p.organisms[slot].height < max_height and (p.organisms[slot].callers > 0 or p.n_referenced < p.library_capacity)
cdef const char* population_check(const Population* p) noexcept nogil          # NULL, or the invariant that is broken
cdef void population_reindex(Population* p) noexcept nogil                     # rebuilds table, counts and ranks after a bulk load
