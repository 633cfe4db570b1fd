"""Every living organism's loss anew: after the loss or the table changed."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from vgp.core cimport Result, Status
from vgp.evolution cimport Engine
from vgp.lifecycle cimport take_result
from vgp.newborns cimport newborns_put
from vgp.population cimport population_bury
from vgp.ranks cimport population_rank_all
from vgp.sandbox.process cimport ExecutorHandle


def stand_on(Engine engine, ExecutorHandle handle, uint64_t n_rows):
    """Organisms are evaluated there from now on, on so many rows. Between two commands; losses stay as they are until evaluate_again."""
    engine.handle, engine.n_rows = handle, n_rows


def evaluate_again(Engine engine):
    """Those that became invalid die. Raises what an evaluation raises, MemoryError; the living then keep the losses that they had."""
    cdef uint32_t done = 0, n, i
    cdef Result* fresh = <Result*> calloc(engine.p.n_living + 1, sizeof(Result))
    try:
        if fresh == NULL:
            raise MemoryError(f"the results of {engine.p.n_living} organisms do not fit in memory")
        while done < engine.p.n_living:
            n = min(engine.batch_capacity, engine.p.n_living - done)
            for i in range(n):
                newborns_put(&engine.ahead, i, engine.p, engine.p.living[done + i])
            engine.evaluate_batch(n)
            memcpy(fresh + done, engine.batch.results, n * sizeof(Result))
            done += n
        with nogil:
            take_fresh(engine, fresh)
    finally:
        free(fresh)


cdef void take_fresh(Engine engine, const Result* fresh) noexcept nogil:
    """Results for all the living, in their order; from the last on, since burying moves only those behind."""
    cdef uint32_t i
    engine.lock.lock()
    for i in range(engine.p.n_living):
        take_result(engine.p, engine.p.living[i], &fresh[i])
    population_rank_all(engine.p)
    for i in range(engine.p.n_living, 0, -1):
        if fresh[i - 1].status != <uint32_t> Status.ok:
            population_bury(engine.p, engine.p.living[i - 1])
    engine.lock.unlock()
