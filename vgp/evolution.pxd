# The engine's fields, for the modules that carry organisms in and out (exchange) and state to and from files (state).
from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport Batch, Node, Result, Rng
from vgp.newborns cimport Newborns
from vgp.population cimport Organism, Population
from vgp.records cimport TickRecord
from vgp.sandbox.process cimport ExecutorHandle, Resolver
from vgp.settings cimport Settings
from vgp.turnstile cimport Turnstile
from vgp.variation.draft cimport Draft

cdef enum:
    BREEDING_ATTEMPTS = 4       # genomes drawn per newborn wanted, before a batch makes do with fewer
    HISTORY = 10_000            # tick records kept

# What a checkpoint holds beside the slots.
cdef struct Counters:
    Rng rng
    uint64_t tick, evaluations, node_evaluations, immigrants
    uint64_t era, improved      # eras before this one; the tick of this era's last improvement
    double least                # loss of this era's best then
    uint32_t n_living, n_free, unused
    uint32_t stride, library_capacity, spare    # of the store: larger than the parameters say after these were lowered

cdef class Engine:
    cdef Population* p
    cdef Settings settings
    cdef Counters count
    cdef Turnstile lock         # guards p, count and history against readers in other threads
    cdef ExecutorHandle handle
    cdef object judge           # of a loss written in Python, or None
    cdef object units           # units.Units that hold, or None
    cdef object blocks          # arrays that settings.primitives.blocks points into
    cdef int interrupted        # set by another thread
    cdef uint64_t n_rows, padded_rows
    cdef bint double_precision
    cdef Newborns batch         # being evaluated and settled
    cdef Newborns ahead         # being bred; evaluate_batch makes it the batch
    cdef TickRecord* history    # ring of HISTORY
    cdef uint64_t n_recorded
    cdef TickRecord totals      # since this engine was made, or the one that it goes on from
    cdef uint32_t batch_capacity

    cdef _allocate(self, parameters)
    cdef allocate_batch(self, uint32_t births, uint32_t stride)
    cdef uint32_t breed(self, TickRecord* record) noexcept nogil
    cdef uint32_t encapsulate(self, Draft* draft, const uint64_t* parents, uint32_t n, TickRecord* record) noexcept nogil
    cdef uint32_t enroll(self, const Draft* draft, const uint64_t* parents, uint32_t n, TickRecord* record) noexcept nogil
    cdef bint too_deep(self, const Organism* o, const Draft* draft) noexcept nogil
    cdef evaluate_batch(self, uint32_t n)
    cdef void swap(self) noexcept nogil
    cdef uint32_t refine(self, uint32_t n, TickRecord* record) except? 0xFFFFFFFF
    cdef evaluate_slice(self, uint32_t first, uint32_t n)
    cdef evaluate_in_python(self, Batch& batch, Resolver& resolver, Result* results)
    cdef drop_newborns(self, const Newborns* newborns, uint32_t n)
    cdef void settle(self, uint32_t n, TickRecord* record) noexcept nogil
    cdef void live(self, TickRecord* record) noexcept nogil
    cdef void record(self, TickRecord* record, double started) noexcept nogil

# Locks engine.lock; the GIL is given up while it waits. Unlock by engine.lock.unlock().
cdef void hold(Engine engine)
