"""A door for tests: the store and the life cycle on organisms whose loss, energy and the like are given. Not for use in a run."""

from vgp.exchange import ORGANISM
from vgp.parameters import REPLACEMENTS, Parameters

from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy, memset

import numpy as np

from vgp.core cimport N_PROBES, Node, Result, Rng, genome_depth, rng_seed
from vgp.lifecycle cimport cull, nourish, settle_newborn, starve
from vgp.population cimport N_DEATHS, NOWHERE, Organism, Population, errors_of, population_add, population_bury, \
    population_check, population_delete, population_enliven, population_find, population_new
from vgp.predators cimport Catch, hunt
from vgp.protection cimport protect, protection_check, release_expired
from vgp.references cimport expanded_size
from vgp.replacement cimport Welcome, settle_immigrant
from vgp.settings cimport Settings, fill_settings
from vgp.turnstile cimport Turnstile
from vgp.variation.lexicase cimport pass_row, select_by_lexicase
from vgp.variation.selection cimport select_no_larger


cdef class Store:
    """A population of given organisms. Slots are what `add` returns; every random act takes its own seed."""

    cdef Population* p
    cdef Settings settings
    cdef Turnstile lock
    cdef int looked_at

    def __cinit__(self, parameters=None):
        parameters = parameters or Parameters()
        self.settings.primitives.n_variables = 1
        fill_settings(&self.settings, parameters)
        self.p = population_new(parameters.population_size, parameters.births_per_tick, parameters.library_size, parameters.max_size,
                                parameters.expanded_limit)
        if self.p == NULL:
            raise MemoryError

    def __dealloc__(self):
        population_delete(self.p)

    cdef uint32_t newborn(self, nodes):
        cdef const Node* start = <const Node*> <uintptr_t> nodes.ctypes.data
        cdef uint32_t slot = population_add(self.p, start, <uint32_t> len(nodes), genome_depth(start, <uint32_t> len(nodes)))
        if slot != NOWHERE:
            self.p.organisms[slot].expanded = expanded_size(self.p, start, <uint32_t> len(nodes))
        return slot

    def add(self, nodes, double loss, *, double energy=1.0, uint32_t born=0, uint32_t cost=1, uint64_t signature=0):
        """The slot of a new living organism; None if the store refuses it."""
        cdef uint32_t slot = self.newborn(nodes)
        if slot == NOWHERE:
            return None
        cdef Organism* o = &self.p.organisms[slot]
        o.loss, o.energy, o.born, o.cost, o.signature = loss, energy, born, cost, signature
        population_enliven(self.p, slot)
        return slot

    def settle(self, uint64_t seed, nodes, double loss, *, uint32_t cost=1, uint64_t signature=0, uint32_t born=0, replace=None,
               uint32_t until=0):
        """A newborn or, with `replace`, an immigrant asks to live: (whether it does, deaths by cause [6], stillborn)."""
        cdef Rng rng
        cdef Result result
        cdef uint64_t deaths[N_DEATHS]
        cdef uint64_t stillborn = 0
        cdef Welcome welcome
        cdef uint32_t slot = self.newborn(nodes), k
        rng_seed(rng, seed)
        memset(&result, 0, sizeof(result))
        memset(deaths, 0, sizeof(deaths))
        result.loss, result.cost, result.signature = loss, cost, signature
        self.p.organisms[slot].born = born
        if replace is None:
            lives = settle_newborn(rng, self.p, &self.settings.predators, &self.settings.metabolism, slot, &result, deaths, &stillborn)
        else:
            welcome.replacement, welcome.until = REPLACEMENTS.index(replace), until
            lives = settle_immigrant(rng, self.p, &self.settings.predators, &self.settings.metabolism, &welcome, slot, &result, deaths,
                                     &stillborn)
        return bool(lives), [deaths[k] for k in range(N_DEATHS)], stillborn

    def nourish(self, uint64_t seed):
        cdef Rng rng
        rng_seed(rng, seed)
        nourish(rng, self.p, &self.settings.metabolism, NULL)

    def live_until_looked_at(self, step):
        """Feeds or starves again and again, under one lock, until another thread has come in by `look`."""
        cdef bint feeding = step == "feeding"
        cdef Rng rng
        rng_seed(rng, 1)
        with nogil:
            self.lock.lock()
            while not self.looked_at:
                if feeding:
                    nourish(rng, self.p, &self.settings.metabolism, &self.lock)
                else:
                    starve(self.p, &self.settings.metabolism, &self.lock)
            self.lock.unlock()

    def look(self):
        with nogil:
            self.lock.lock()
            self.looked_at = True
            self.lock.unlock()

    def starve(self):
        return starve(self.p, &self.settings.metabolism, NULL)

    def hunt(self, uint64_t seed):
        """(slot or None, cause of death)."""
        cdef Rng rng
        rng_seed(rng, seed)
        cdef Catch prey = hunt(rng, self.p, &self.settings.predators, NOWHERE)
        return (None if prey.slot == NOWHERE else prey.slot), prey.cause

    def select(self, uint64_t seed, uint32_t size):
        """The slot of a parent that a tournament among its size chooses."""
        cdef Rng rng
        rng_seed(rng, seed)
        return select_no_larger(rng, self.p, size)

    def keep_errors(self, errors):
        """Gives the living, in their order, errors of the probe rows (uint8 [n, 64])."""
        cdef const uint8_t[:, ::1] levels = errors
        cdef uint32_t k
        self.p.keeps_errors = True
        for k in range(self.p.n_living):
            memcpy(errors_of(self.p, self.p.living[k]), &levels[k, 0], N_PROBES)

    def lexicase(self, uint64_t seed, uint32_t pool):
        """The slot of a parent that epsilon-lexicase chooses."""
        cdef Rng rng
        rng_seed(rng, seed)
        return select_by_lexicase(rng, self.p, pool)

    def pass_row(self, uint8_t row):
        """The slots of the living, in their order, that pass one row of lexicase together."""
        slots = np.array(self.living(), np.uint32)
        cdef uint32_t[::1] view = slots
        return slots[: pass_row(self.p, &view[0], <uint32_t> len(slots), row)].tolist()

    def cull(self, uint64_t seed, uint32_t most):
        """Deaths by cause [6]."""
        cdef Rng rng
        cdef uint64_t deaths[N_DEATHS]
        cdef uint32_t k
        rng_seed(rng, seed)
        memset(deaths, 0, sizeof(deaths))
        cull(rng, self.p, &self.settings.predators, most, deaths)
        return [deaths[k] for k in range(N_DEATHS)]

    def protect(self, uint32_t slot, uint32_t until):
        protect(self.p, slot, until)

    def release_expired(self, uint64_t tick):
        release_expired(self.p, tick)

    def bury(self, uint32_t slot):
        population_bury(self.p, slot)

    def organism(self, uint32_t slot):
        """The ORGANISM record in a slot, whatever its state."""
        out = np.empty((), ORGANISM)
        memcpy(<void*> <uintptr_t> out.ctypes.data, &self.p.organisms[slot], sizeof(Organism))
        return out[()]

    def living(self):
        """Slots of the living."""
        cdef uint32_t i
        return [self.p.living[i] for i in range(self.p.n_living)]

    def find(self, uint64_t organism_id):
        """The slot that holds an id, or None."""
        cdef uint32_t slot = population_find(self.p, organism_id)
        return None if slot == NOWHERE else slot

    def count_protected(self):
        return self.p.n_protected

    def counts(self):
        """(living, retained, referenced)."""
        return self.p.n_living, self.p.n_retained, self.p.n_referenced

    def check(self, uint64_t tick=0):
        """None, or the invariant that is broken after that tick."""
        cdef const char* broken = population_check(self.p)
        if broken == NULL:
            broken = protection_check(self.p, tick)
        return None if broken == NULL else broken.decode()
