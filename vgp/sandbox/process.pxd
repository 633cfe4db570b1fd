# The Executor as Cython sees it; meanings stand in executor.hpp, remote.hpp and wire.hpp.
from libc.stdint cimport uint32_t, uint64_t
from libcpp.memory cimport unique_ptr

from vgp.core cimport Batch, LossSettings, Node, Result, TuneSettings


cdef extern from "executor.hpp" namespace "vgp" nogil:
    cdef cppclass Resolver:
        void* context
        uint32_t (*resolve)(void* context, uint64_t id, const Node** nodes) noexcept nogil

    cdef cppclass Heartbeat:
        void* context
        int (*beat)(void* context) noexcept nogil

    const int OUTCOME_OK
    const int OUTCOME_INTERRUPTED
    const int OUTCOME_FAILED

    cdef cppclass ExecutorReport:
        uint32_t sandboxed, lockdown_level, landlock_abi, respawns, crashed, timed_out, forgeries
        int pid
        uint64_t memory_bytes, vector_operations, node_evaluations
        uint32_t n_variables, element_bytes
        uint64_t n_rows, padded_rows
        const char* instruction_set

    cdef cppclass Executor:
        int evaluate(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results,
                     const int* interrupt) noexcept
        int outputs(const Batch& batch, const Resolver& resolver, Result* results, void* values, const int* interrupt) noexcept
        int tune(const Batch& batch, const LossSettings& loss, const TuneSettings& settings, const Resolver& resolver, Result* results,
                 double* constants, const int* interrupt) noexcept
        int errors(const Batch& batch, const LossSettings& loss, const Resolver& resolver, Result* results, double* errors,
                   const int* interrupt) noexcept
        const char* message() noexcept
        ExecutorReport report() noexcept
        double cpu_seconds
        double wall_seconds
        Heartbeat heartbeat


cdef class ExecutorHandle:
    """Owns an Executor. Whoever keeps the raw pointer keeps the handle."""
    cdef Executor* executor             # owned; NULL once closed
    cdef object interruption            # exception that a signal handler raised during the batch
    cdef unsigned long main_thread      # the only thread in which signal handlers run

    # Turns what evaluate() or outputs() returned into nothing, KeyboardInterrupt (or what the handler raised) or SandboxError.
    cdef int check(self, int outcome) except -1
