"""The engine of one island: breed, evaluate, refine, settle, nourish, starve, record. Batches only; nothing here holds the GIL while it
works, and no Python object stands for an organism.

Locking: `exclusive` (Python level, in island.py) lets one command run at a time. `lock` guards the store for the phases that
change it, and gives way to readers within them, so that another thread may read statistics or export organisms at any time. Who
holds the GIL waits for it with `hold`, which gives the GIL up: its holder may be in need of it.
"""

from itertools import pairwise

import numpy as np

from vgp.errors import InputError, SandboxError
from vgp.genome import depth
from vgp.layout import NODE

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport INFINITY, isfinite
from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from vgp.breeding cimport call_module, conceive, draw_module
from vgp.core cimport MAX_DEPTH, N_PROBES, Batch, Node, Result, Rng, Status, Structure, rng_seed
from vgp.lifecycle cimport nourish, settle_newborn, starve
from vgp.newborns cimport Newborns, newborns_allocate, newborns_free, newborns_put
from vgp.population cimport NEWBORN, NOWHERE, STARVED, Organism, population_add, population_delete, population_new, \
    population_retain
from vgp.protection cimport release_expired
from vgp.records cimport TickRecord, accumulate, now, observe
from vgp.refining cimport Refinery, refine
from vgp.references cimport can_be_written_out, expanded_size, resolve_from_population
from vgp.sandbox.process cimport ExecutorHandle, Resolver
from vgp.settings cimport fill_settings
from vgp.structure cimport scaling_allowed, structure_delete, structure_new, structure_refuses
from vgp.variation.draft cimport Blocks, Draft

cdef enum:
    SLICE_NODE_ROWS = 100_000_000   # evaluated between two looks at Ctrl-C: some 10 to 50 ms

cdef void hold(Engine engine):
    with nogil:
        engine.lock.lock()


cdef class Engine:
    """One population and its commands on flat arrays. `island.Island` is its face; see there.

    Raises MemoryError if the store does not fit.
    """

    def __cinit__(self, parameters, uint32_t n_variables, uint64_t n_rows, ExecutorHandle handle, uint64_t seed):
        self.handle = handle
        self.n_rows = n_rows
        rng_seed(self.count.rng, seed)
        self.settings.primitives.n_variables = n_variables
        self._allocate(parameters)
        self.configure(parameters)

    def __dealloc__(self):
        population_delete(self.p)
        newborns_free(&self.batch)
        newborns_free(&self.ahead)
        structure_delete(self.settings.limits.structure)
        free(self.history)

    cdef _allocate(self, parameters):
        self.p = population_new(parameters.population_size, parameters.births_per_tick, parameters.library_size,
                                parameters.max_size, parameters.expanded_limit)
        self.history = <TickRecord*> malloc(HISTORY * sizeof(TickRecord))
        if self.p == NULL or self.history == NULL:
            raise MemoryError(f"{parameters.population_size} organisms of up to {parameters.max_size} nodes do not fit in memory")
        memset(self.history, 0xff, HISTORY * sizeof(TickRecord))     # taken now: later it would look like a leak
        self.allocate_batch(parameters.births_per_tick, parameters.max_size)

    cdef allocate_batch(self, uint32_t births, uint32_t stride):
        """Raises MemoryError; the batches are then what they were."""
        cdef Newborns batch, ahead
        if not newborns_allocate(&batch, births, stride):
            raise MemoryError(f"a batch of {births} organisms of up to {stride} nodes does not fit in memory")
        if not newborns_allocate(&ahead, births, stride):
            newborns_free(&batch)
            raise MemoryError(f"a batch of {births} organisms of up to {stride} nodes does not fit in memory")
        newborns_free(&self.batch)
        newborns_free(&self.ahead)
        self.batch, self.ahead = batch, ahead
        self.batch_capacity = births

    # --- parameters ---

    def configure(self, parameters):
        """Takes over every parameter that may change while the island runs. The store's sizes stay as they are: state.resize."""
        cdef const Structure* asked
        fill_settings(&self.settings, parameters)
        self.p.keeps_errors = self.settings.loss.probe_errors
        scaled = parameters.linear_scaling and self.judge is None
        asked = structure_new(parameters, self.units, &self.settings.primitives, scaled, &self.p)
        structure_delete(self.settings.limits.structure)
        self.settings.limits.structure = asked
        self.settings.loss.linear_scaling = scaling_allowed(parameters, self.units)

    def hold_to(self, units, parameters):
        """From now on, and before anybody lives: only formulas in which the units (units.Units, or None) hold."""
        self.units = units
        self.configure(parameters)

    def use_blocks(self, nodes, offsets):
        """From now on variation uses these genomes (NODE array, offsets) like variables. Not where columns have units."""
        cdef Blocks* blocks = &self.settings.primitives.blocks
        cdef uintptr_t at[3]
        depths = np.array([depth(nodes[a:b]) for a, b in pairwise(offsets)], np.uint32)
        self.blocks = np.ascontiguousarray(nodes, NODE), np.ascontiguousarray(offsets, np.uint32), depths
        for k, array in enumerate(self.blocks):
            at[k] = array.ctypes.data
        blocks.nodes, blocks.offsets, blocks.depths = <const Node*> at[0], <const uint32_t*> at[1], <const uint32_t*> at[2]
        blocks.n = <uint32_t> len(depths)

    def structure_counts(self):
        """How often units and constraints were asked, and refused: within operators ("attempts"), of finished drafts ("drafts")."""
        cdef const Structure* asked = self.settings.limits.structure
        if asked == NULL:
            return {"attempts": 0, "refused_attempts": 0, "drafts": 0, "refused_drafts": 0}
        return {"attempts": asked.attempts, "refused_attempts": asked.refused_attempts, "drafts": asked.drafts,
                "refused_drafts": asked.refused_drafts}

    def interrupt(self, bint on):
        """True: whatever is being evaluated ends with KeyboardInterrupt within 50 ms. From any thread."""
        self.interrupted = on

    def use_judge(self, judge, uint64_t padded_rows, bint double_precision):
        """From now on losses come from judge(outputs [n, rows], probe_errors) -> (losses, signatures, errors): see own_loss.py."""
        self.judge = judge
        self.padded_rows = padded_rows
        self.double_precision = double_precision

    # --- the main flow ---

    def tick(self):
        """One tick. Ctrl-C leaves the population as it was before the tick's births."""
        cdef TickRecord record
        cdef double started = now()
        cdef uint32_t n
        if self.p.n_living == 0:
            raise InputError("nobody lives on this island; create its population first")
        memset(&record, 0, sizeof(record))
        with nogil:
            n = self.breed(&record)
        self.evaluate_batch(n)
        n = self.refine(n, &record)
        with nogil:
            self.settle(n, &record)
            self.live(&record)
            self.record(&record, started)
        PyErr_CheckSignals()

    cdef uint32_t breed(self, TickRecord* record) noexcept nogil:
        """Newborns into their slots and the batch; returns how many."""
        cdef Draft draft
        cdef uint64_t parents[2]
        cdef uint32_t n = 0, attempt
        self.lock.lock()
        if self.p.n_living:
            for attempt in range(BREEDING_ATTEMPTS * self.settings.births):
                if n == self.settings.births:
                    break
                conceive(self.count.rng, self.p, &self.settings, &draft, parents)
                n += self.encapsulate(&draft, parents, n, record)
                n += self.enroll(&draft, parents, n, record)
                self.lock.give_way()
        self.lock.unlock()
        return n

    cdef uint32_t encapsulate(self, Draft* draft, const uint64_t* parents, uint32_t n, TickRecord* record) noexcept nogil:
        """Now and then the draft calls a module, a newborn before it unless it is known. Returns how many entries that took."""
        cdef Draft module
        cdef uint32_t arguments = 0, enrolled = 0, slot
        if n + 1 < self.settings.births:
            slot = draw_module(self.count.rng, self.p, &self.settings, &module, &arguments)
            if slot == NOWHERE and module.size and self.enroll(&module, parents, n, record):
                enrolled, slot = 1, self.ahead.slots[n]
            if slot != NOWHERE:
                call_module(self.count.rng, self.p, &self.settings, slot, arguments, draft)
        return enrolled

    cdef uint32_t enroll(self, const Draft* draft, const uint64_t* parents, uint32_t n, TickRecord* record) noexcept nogil:
        """Gives the draft a slot and entry n of the batch; 0 if it is known already or too long."""
        cdef uint32_t slot = population_add(self.p, draft.nodes, draft.size, draft.depth)
        cdef Organism* o
        if slot == NOWHERE:
            record.duplicates += 1
            return 0
        if self.settings.limits.structure != NULL and structure_refuses(self.settings.limits.structure, draft):
            population_retain(self.p, slot)
            return 0
        o = &self.p.organisms[slot]
        if o.calls:
            o.expanded = expanded_size(self.p, draft.nodes, draft.size)
        if o.expanded > self.p.expanded_limit or o.height > self.settings.reference_depth or self.too_deep(o, draft):
            record.oversized += 1
            population_retain(self.p, slot)
            return 0
        o.parents[0] = parents[0]
        o.parents[1] = parents[1]
        o.born = <uint32_t> self.count.tick
        newborns_put(&self.ahead, n, self.p, slot)
        return 1

    cdef bint too_deep(self, const Organism* o, const Draft* draft) noexcept nogil:
        """Whether the plain formula would be deeper than any genome may be. A formula of no more nodes than that cannot be."""
        return o.calls > 0 and o.expanded > MAX_DEPTH and not can_be_written_out(self.p, draft.nodes, draft.size)

    cdef void swap(self) noexcept nogil:
        cdef Newborns bred = self.ahead
        self.ahead = self.batch
        self.batch = bred

    cdef evaluate_batch(self, uint32_t n):
        """Makes the n organisms bred ahead the batch, and gets their results. On any error the newborns are dropped."""
        self.swap()
        try:
            self.evaluate(n)
        except BaseException:
            self.drop_newborns(&self.batch, n)
            raise

    cdef uint32_t refine(self, uint32_t n, TickRecord* record) except? 0xFFFFFFFF:
        """Tunes constants of some of the batch; how many newborns are left. On any error the newborns are dropped."""
        cdef Refinery r
        if self.settings.tuning_share <= 0 or self.settings.tune.steps == 0 or self.judge is not None:
            return n
        memset(&r, 0, sizeof(r))
        r.p, r.settings, r.lock, r.n_rows = self.p, &self.settings, &self.lock, self.n_rows
        r.batch, r.work, r.interrupted, r.record = &self.batch, &self.ahead, &self.interrupted, record
        try:
            n = refine(self.handle, &r, n)
        except BaseException:
            self.drop_newborns(&self.batch, n)
            raise
        self.count.evaluations += record.tunings
        self.count.node_evaluations += r.node_evaluations
        return n

    def evaluate(self, uint32_t n):
        """Results for the batch's n organisms, in slices short enough that Ctrl-C is seen."""
        cdef uint32_t done = 0, step
        cdef uint64_t per_organism
        while done < n:
            per_organism = max(<uint64_t> 1, self.batch.offsets[n] // n * self.n_rows)
            step = <uint32_t> min(<uint64_t> (n - done), max(<uint64_t> 1, SLICE_NODE_ROWS // per_organism))
            self.evaluate_slice(done, step)
            done += step
            PyErr_CheckSignals()
        self.count.evaluations += n
        self.count.node_evaluations += self.batch.offsets[n] * self.n_rows

    cdef evaluate_slice(self, uint32_t first, uint32_t n):
        cdef Batch batch
        cdef Resolver resolver
        cdef int outcome
        batch.nodes, batch.n = self.batch.nodes, n
        batch.offsets = self.batch.offsets + first
        resolver.context = self.p
        resolver.resolve = resolve_from_population
        if self.handle.executor == NULL:
            raise SandboxError("the island is closed; make a new one")
        if self.judge is not None:
            self.evaluate_in_python(batch, resolver, self.batch.results + first)
            return
        with nogil:
            outcome = self.handle.executor.evaluate(batch, self.settings.loss, resolver, self.batch.results + first, &self.interrupted)
        self.handle.check(outcome)

    cdef evaluate_in_python(self, Batch& batch, Resolver& resolver, Result* results):
        """The loss in Python: the sandbox computes the values, the function the losses, a block of organisms at a time."""
        cdef uint32_t done = 0, step, k
        cdef int outcome
        cdef Batch part
        cdef uint32_t block = <uint32_t> max(1, min(256, (1 << 24) // max(<uint64_t> 1, self.padded_rows * 8)))
        outputs = np.empty((block, self.padded_rows), np.float64 if self.double_precision else np.float32)
        cdef uintptr_t address = outputs.ctypes.data
        while done < batch.n:
            step = min(block, batch.n - done)
            part.nodes = batch.nodes
            part.offsets = batch.offsets + done
            part.n = step
            with nogil:
                outcome = self.handle.executor.outputs(part, resolver, results + done, <void*> address, &self.interrupted)
            self.handle.check(outcome)
            valid = [k for k in range(step) if results[done + k].status == <uint32_t> Status.ok]
            if valid:
                losses, signatures, errors = self.judge(outputs[valid, : self.n_rows], bool(self.settings.loss.probe_errors))
                for k, loss, signature, levels in zip(valid, losses, signatures, errors, strict=True):
                    take_python_loss(&results[done + k], loss, signature, levels)
            done += step

    cdef drop_newborns(self, const Newborns* newborns, uint32_t n):
        cdef uint32_t i
        with nogil:     # also to wait for the lock: who has it may be in need of the GIL
            self.lock.lock()
            for i in range(n):
                if self.p.organisms[newborns.slots[i]].state == NEWBORN:
                    population_retain(self.p, newborns.slots[i])
            self.lock.unlock()

    cdef void settle(self, uint32_t n, TickRecord* record) noexcept nogil:
        cdef uint32_t i
        self.lock.lock()
        for i in range(n):
            if self.batch.results[i].status != <uint32_t> Status.ok:
                record.invalid[self.batch.results[i].status] += 1
                population_retain(self.p, self.batch.slots[i])
            elif settle_newborn(self.count.rng, self.p, &self.settings.predators, &self.settings.metabolism, self.batch.slots[i],
                                &self.batch.results[i], record.deaths, &record.stillborn):
                record.births += 1
            self.lock.give_way()
        self.lock.unlock()

    cdef void live(self, TickRecord* record) noexcept nogil:
        self.lock.lock()
        nourish(self.count.rng, self.p, &self.settings.metabolism, &self.lock)
        record.deaths[<uint32_t> STARVED] += starve(self.p, &self.settings.metabolism, &self.lock)
        self.count.tick += 1
        release_expired(self.p, self.count.tick)
        self.lock.unlock()

    cdef void record(self, TickRecord* record, double started) noexcept nogil:
        record.tick, record.evaluations = self.count.tick, self.count.evaluations
        record.node_evaluations = self.count.node_evaluations
        self.lock.lock()
        record.immigrants = self.count.immigrants
        record.era = self.count.era
        self.count.immigrants = 0
        observe(self.p, record)
        record.seconds = now() - started
        self.history[self.n_recorded % HISTORY] = record[0]
        accumulate(&self.totals, record)
        self.n_recorded += 1
        self.lock.unlock()


cdef take_python_loss(Result* result, double loss, uint64_t signature, const uint8_t[::1] errors):
    result.signature = signature
    memcpy(result.errors, &errors[0], N_PROBES)
    result.slope = 1.0
    result.intercept = 0.0
    if isfinite(loss):
        result.loss = loss
    else:
        result.loss = INFINITY
        result.status = <uint32_t> Status.non_finite
