"""The first generation: random organisms until the population is full. The next batch is drawn while one is evaluated in another
thread; the order of draws, and so the run, does not depend on which of the two is faster."""

from concurrent.futures import ThreadPoolExecutor, wait

from vgp.errors import InputError

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from vgp.evolution cimport BREEDING_ATTEMPTS, Engine
from vgp.records cimport TickRecord, now
from vgp.settings cimport Settings
from vgp.variation.creation cimport create as create_draft
from vgp.variation.draft cimport Draft
from vgp.variation.typed_creation cimport create_within


def create(Engine engine):
    """Fills the engine's population. Raises InputError if hardly any random organism is valid on the data."""
    cdef TickRecord record
    cdef double started = now()
    cdef uint64_t tried = 0, most = 20 * <uint64_t> engine.p.capacity + 20
    cdef uint32_t n, ahead
    memset(&record, 0, sizeof(record))
    with ThreadPoolExecutor(1) as side:
        n = fill(engine, 0, &record)
        while n and tried < most:
            tried += n
            engine.swap()
            job = side.submit(engine.evaluate, n)
            ahead = fill(engine, n, &record)   # random organisms call nobody: the evaluation asks the store for nothing
            try:
                job.result()
            except BaseException:
                stop(engine, job, n, ahead)
                raise
            with nogil:
                engine.settle(n, &record)
            n = ahead or fill(engine, 0, &record)
    engine.drop_newborns(&engine.ahead, n)
    if engine.p.n_living == 0:
        raise InputError("no random formula has a finite value on every row; scale the columns or choose other --functions")
    with nogil:
        engine.record(&record, started)


cdef uint32_t fill(Engine engine, uint32_t in_flight, TickRecord* record):
    """Random organisms for the room left besides the living and those in flight, at most a batch; returns how many."""
    cdef uint32_t n
    with nogil:
        n = draw(engine, min(engine.batch_capacity, engine.p.capacity - engine.p.n_living - in_flight), record)
    return n


cdef uint32_t draw(Engine engine, uint32_t wanted, TickRecord* record) noexcept nogil:
    cdef Draft draft
    cdef uint64_t nobody[2]
    cdef uint32_t n = 0, attempt
    nobody[0] = nobody[1] = 0
    engine.lock.lock()
    for attempt in range(BREEDING_ATTEMPTS * wanted):
        if n == wanted:
            break
        if invent(engine, &draft):
            n += engine.enroll(&draft, nobody, n, record)
        engine.lock.give_way()
    engine.lock.unlock()
    return n


cdef bint invent(Engine engine, Draft* draft) noexcept nogil:
    """A random organism; False if units and constraints left none."""
    cdef const Settings* s = &engine.settings
    if s.limits.structure != NULL:
        return create_within(engine.count.rng, &s.primitives, &s.limits, s.initial_minimum, s.initial_size, draft)
    create_draft(engine.count.rng, &s.primitives, &s.limits, s.initial_minimum, s.initial_size, draft)
    return True


cdef stop(Engine engine, object job, uint32_t n, uint32_t ahead):
    """Ends the evaluation in the other thread, and drops its newborns and those drawn ahead."""
    engine.interrupted = True
    wait([job])
    engine.interrupted = False
    engine.drop_newborns(&engine.batch, n)
    engine.drop_newborns(&engine.ahead, ahead)
