"""Organisms executed in the locked-down worker, or (mode "off") in this process. See README.md in this folder for the protocol."""

import os
import threading
from pathlib import Path

import numpy as np

from vgp.errors import InputError, SandboxError
from vgp.layout import CONSTANT, NODE, RESULT, Loss, Status

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint32_t, uint64_t
from libc.stddef cimport size_t

from vgp.core cimport MAX_TUNING_STEPS, Batch, Loss as CoreLoss, LossSettings, Node, Result, TuneSettings

cdef extern from "pythread.h" nogil:
    unsigned long PyThread_get_thread_ident() noexcept

cdef extern from "evaluation.hpp" namespace "vgp" nogil:
    cdef cppclass EvaluatorSettings:
        uint64_t cache_bytes
        const char* instruction_set

cdef extern from "remote.hpp" namespace "vgp" nogil:
    cdef cppclass SandboxSettings:
        const char* executable
        const char* data_path
        uint32_t max_organisms, max_nodes
        uint64_t memory_bytes, cache_bytes, outputs_columns

cdef extern from "create.hpp" namespace "vgp" nogil:
    Executor* create_sandboxed(const SandboxSettings& settings, char* error, size_t error_bytes) noexcept
    Executor* create_in_process(const char* data_path, const EvaluatorSettings& settings, char* error, size_t error_bytes) noexcept

cdef extern from "wire.hpp" namespace "vgp" nogil:
    const uint32_t LOCKDOWN_RLIMITS, LOCKDOWN_NO_NEW_PRIVS, LOCKDOWN_MDWE, LOCKDOWN_LANDLOCK, LOCKDOWN_SECCOMP

cdef enum:
    EVALUATE, OUTPUTS, TUNE, ERRORS

cdef struct Request:
    int command
    Batch batch
    LossSettings loss
    TuneSettings tune
    Resolver resolver

EXECUTABLE = Path(__file__).with_name("vgp-sandbox")
LEVELS = {
    "rlimits": LOCKDOWN_RLIMITS,
    "no_new_privs": LOCKDOWN_NO_NEW_PRIVS,
    "mdwe": LOCKDOWN_MDWE,
    "landlock": LOCKDOWN_LANDLOCK,
    "seccomp": LOCKDOWN_SECCOMP,
}


cdef int let_handlers_run(void* context) noexcept nogil:
    """The heartbeat: Python's signal handlers run here; what one raises interrupts the batch and waits in the handle."""
    if PyThread_get_thread_ident() != (<ExecutorHandle> context).main_thread:
        return 0
    with gil:
        try:
            PyErr_CheckSignals()
        except BaseException as raised:
            (<ExecutorHandle> context).interruption = raised
            return 1
    return 0


cdef class ExecutorHandle:
    def __cinit__(self, *args, **kwargs):
        self.main_thread = threading.main_thread().ident

    def __dealloc__(self):
        del self.executor

    cdef int check(self, int outcome) except -1:
        cdef object raised = self.interruption
        self.interruption = None
        if outcome == OUTCOME_OK:
            return 0
        if outcome == OUTCOME_FAILED:
            raise SandboxError("the sandbox gave up: " + self.executor.message().decode(errors="replace"))
        raise raised if raised is not None else KeyboardInterrupt()


cdef class Callback:
    """A Python function as a Resolver: an exception counts as "there is none" and is raised when the batch is over."""
    cdef object resolve, genome, raised

    cdef uint32_t call(self, uint64_t id, const Node** nodes) except? 0:
        genome = self.resolve(id)
        if genome is None:
            return 0
        self.genome = contiguous(genome)    # stays until the next call
        nodes[0] = <const Node*> <size_t> self.genome.ctypes.data
        return <uint32_t> min(len(self.genome), 0xFFFFFFFF)


cdef uint32_t resolve_by_callback(void* context, uint64_t id, const Node** nodes) noexcept with gil:
    cdef Callback callback = <Callback> context
    if callback.raised is None:
        try:
            return callback.call(id, nodes)
        except BaseException as raised:
            callback.raised = raised
    return 0


cdef object contiguous(nodes):
    array = np.ascontiguousarray(nodes)
    if array.dtype != NODE or array.ndim != 1:
        raise InputError(f"genomes are a one-dimensional array of vgp.layout.NODE, not {array.ndim}-dimensional {array.dtype}")
    return array.copy() if <size_t> array.ctypes.data % 4 else array


cdef object checked_offsets(offsets, size_t n_nodes):
    array = np.ascontiguousarray(offsets, dtype=np.uint32)
    if array.ndim != 1 or len(array) == 0 or array[0] != 0 or array[len(array) - 1] != n_nodes or (np.diff(array.astype(np.int64)) < 0).any():
        raise InputError(f"offsets must rise from 0 to the number of nodes, {n_nodes}")
    return array


cdef class Sandbox(ExecutorHandle):
    """Executes organisms on the table of a data file.

    Batches are (nodes: NODE[total], offsets: uint32[n + 1]) as in vgp.layout. Calls from several threads take turns. An organism
    that ends or hangs the worker gets the status crashed or timed_out; all others get the results of an undisturbed run.

    Args:
        data_path: data file (vgp/core/datafile.hpp).
        mode: "on": in a locked-down process of its own; "off": in this process, for organisms that you trust.
        max_organisms, max_nodes: of one request; larger batches are split.
        memory_bytes: limit on the worker's address space; 0: what the table needs.
        cache_bytes: limit on kept outputs of organisms that are referred to.
        outputs_rows: organisms of one request for outputs; 0: as many as fit in 16 MB.
        cpu_seconds: CPU time that a batch may take beyond its estimate (vgp/sandbox/budget.hpp); may be changed at any time.
        executable: another worker executable, for tests.

    Raises:
        SandboxError: the worker cannot be started or locked down, or keeps dying.
        InputError: a bad argument.
    """
    cdef object lock, mode
    cdef readonly uint64_t n_rows, padded_rows
    cdef readonly uint32_t n_variables
    cdef readonly object dtype

    def __init__(self, data_path, *, mode="on", uint32_t max_organisms=4096, uint32_t max_nodes=1 << 18, uint64_t memory_bytes=0,
                 uint64_t cache_bytes=64 << 20, uint64_t outputs_rows=0, double cpu_seconds=1.0, double wall_seconds=60.0,
                 executable=None):
        if mode not in ("on", "off"):
            raise InputError(f"the sandbox is on or off, not {mode}")
        self.lock = threading.Lock()
        self.mode = mode
        if mode == "on":
            self.open_sandboxed(data_path, executable or EXECUTABLE, max_organisms, max_nodes, memory_bytes, cache_bytes, outputs_rows)
        else:
            self.open_in_process(data_path, cache_bytes)
        cdef ExecutorReport report = self.executor.report()
        self.n_rows, self.padded_rows, self.n_variables = report.n_rows, report.padded_rows, report.n_variables
        self.dtype = np.dtype(np.float64 if report.element_bytes == 8 else np.float32)
        self.executor.cpu_seconds = cpu_seconds
        self.executor.wall_seconds = wall_seconds
        self.executor.heartbeat.context = <void*> self
        self.executor.heartbeat.beat = let_handlers_run

    cdef open_sandboxed(self, data_path, executable, uint32_t max_organisms, uint32_t max_nodes, uint64_t memory_bytes,
                        uint64_t cache_bytes, uint64_t outputs_rows):
        cdef bytes program = os.fsencode(executable), path = os.fsencode(data_path)
        cdef SandboxSettings settings
        cdef char error[256]
        settings.executable, settings.data_path = program, path
        settings.max_organisms, settings.max_nodes = max_organisms, max_nodes
        settings.memory_bytes, settings.cache_bytes = memory_bytes, cache_bytes
        settings.outputs_columns = outputs_rows
        with nogil:
            self.executor = create_sandboxed(settings, error, sizeof(error))
        if self.executor == NULL:
            raise SandboxError(f"the sandbox does not start: {error.decode(errors='replace')}; "
                               "if you trust every organism that will run, use --sandbox off")

    cdef open_in_process(self, data_path, uint64_t cache_bytes):
        cdef bytes path = os.fsencode(data_path)
        cdef EvaluatorSettings settings
        cdef char error[256]
        settings.cache_bytes = cache_bytes
        cdef const char* name = path
        with nogil:
            self.executor = create_in_process(name, settings, error, sizeof(error))
        if self.executor == NULL:
            raise SandboxError(error.decode(errors="replace"))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Ends the worker. Further calls raise SandboxError."""
        with self.lock:
            del self.executor
            self.executor = NULL

    @property
    def cpu_seconds(self):
        """CPU time that a batch may take beyond its estimate."""
        self.require_open()
        return self.executor.cpu_seconds

    @cpu_seconds.setter
    def cpu_seconds(self, double seconds):
        self.require_open()
        if not seconds > 0:
            raise InputError(f"cpu_seconds must be positive, not {seconds}")
        self.executor.cpu_seconds = seconds

    def evaluate(self, nodes, offsets, *, loss="squared", linear_scaling=True, double huber_delta=1.0, resolve=None,
                 bint probe_errors=False):
        """RESULT array of the batch. `resolve(id)` gives the genome (NODE array) of an organism referred to, or None. probe_errors:
        `errors` are wanted, too."""
        return self.run(EVALUATE, nodes, offsets, resolve, (loss, linear_scaling, huber_delta), None, 0, 0, probe_errors)

    def outputs(self, nodes, offsets, *, resolve=None):
        """(n, n_rows) array of the organisms' values, without linear scaling: NaN or infinite on rows where they are undefined, and
        NaN throughout where an organism cannot be evaluated (malformed, missing reference ...)."""
        values = np.empty((max(len(offsets) - 1, 0), self.padded_rows), self.dtype)
        results = self.run(OUTPUTS, nodes, offsets, resolve, ("squared", True, 1.0), values)
        values[results["status"] > Status.non_finite] = np.nan
        return values[:, : self.n_rows]

    def tune(self, nodes, offsets, *, int steps=10, int rows=0, loss="squared", linear_scaling=True, double huber_delta=1.0, resolve=None):
        """The batch's nodes with tuned constants (Levenberg-Marquardt, vgp/core/tuning.hpp), and the RESULT array of those genomes, in
        which `detail` counts the trials of other constants. None is worse than before; an organism whose status is not ok stays as it is.

        Args:
            steps: most trials per organism.
            rows: tuned on so many rows at most, in blocks spread evenly over the table; 0: all (of 65,536 at most). Results are always
                those on all rows.
        """
        if not (0 <= steps <= MAX_TUNING_STEPS and rows >= 0):
            raise InputError(f"steps must be from 0 to {MAX_TUNING_STEPS} and rows not negative, not {steps} and {rows}")
        nodes = contiguous(nodes)
        constants = np.flatnonzero(nodes["op"] == CONSTANT)
        numbers = np.empty(len(constants))
        results = self.run(TUNE, nodes, offsets, resolve, (loss, linear_scaling, huber_delta), numbers, steps, min(rows, 1 << 31))
        tuned = nodes.copy()
        tuned["payload"][constants] = numbers.view(np.uint64)
        return tuned, results

    def standard_errors(self, genome, *, loss="squared", linear_scaling=True, double huber_delta=1.0, resolve=None):
        """Standard errors of one genome's fit: (of its constant nodes in order, of the slope, of the intercept), in their own units.

        From the Jacobian of the residuals at the constants as they are, which should have been tuned: sqrt(diag(s^2 (J'WJ)^-1)) with
        s^2 = sum w r^2 / (rows - parameters); logistic loss has s = 1. Infinite: the data do not tell this constant, since it has
        no effect or slope, intercept or an earlier constant can stand in for it. Raises InputError for a genome that is not valid here.
        """
        genome = contiguous(genome)
        numbers = np.empty(int(np.count_nonzero(genome["op"] == CONSTANT)) + 2)
        results = self.run(ERRORS, genome, [0, len(genome)], resolve, (loss, linear_scaling, huber_delta), numbers)
        if results["status"][0] != Status.ok:
            raise InputError(f"this genome has no fit on this table: {Status(results['status'][0]).name}")
        return numbers[:-2], float(numbers[-2]), float(numbers[-1])

    cdef run(self, int command, nodes, offsets, resolve, loss, numbers, uint32_t steps=0, uint32_t rows=0, bint probe_errors=False):
        cdef Request request
        cdef Callback callback = Callback()
        nodes = contiguous(nodes)
        offsets = checked_offsets(offsets, len(nodes))
        results = np.zeros(len(offsets) - 1, RESULT)
        request.command = command
        request.batch.nodes = <const Node*> <size_t> nodes.ctypes.data
        request.batch.offsets = <const uint32_t*> <size_t> offsets.ctypes.data
        request.batch.n = <uint32_t> len(results)
        name, linear_scaling, huber_delta = loss
        request.loss.loss = <CoreLoss> <uint32_t> loss_number(name)
        request.loss.linear_scaling = bool(linear_scaling)
        request.loss.huber_delta = huber_delta
        request.loss.probe_errors = probe_errors
        request.tune.steps, request.tune.rows = steps, rows
        callback.resolve = resolve
        request.resolver.context = <void*> callback
        if resolve is not None:
            request.resolver.resolve = resolve_by_callback
        with self.lock:
            self.require_open()
            self.execute(&request, results.ctypes.data, 0 if numbers is None else numbers.ctypes.data)
        if callback.raised is not None:
            raise callback.raised
        return results

    cdef int execute(self, const Request* r, size_t address, size_t numbers) except -1:
        cdef int outcome
        cdef Result* results = <Result*> address
        with nogil:
            if r.command == OUTPUTS:
                outcome = self.executor.outputs(r.batch, r.resolver, results, <void*> numbers, NULL)
            elif r.command == TUNE:
                outcome = self.executor.tune(r.batch, r.loss, r.tune, r.resolver, results, <double*> numbers, NULL)
            elif r.command == ERRORS:
                outcome = self.executor.errors(r.batch, r.loss, r.resolver, results, <double*> numbers, NULL)
            else:
                outcome = self.executor.evaluate(r.batch, r.loss, r.resolver, results, NULL)
        return self.check(outcome)

    cdef int require_open(self) except -1:
        if self.executor == NULL:
            raise SandboxError("the sandbox is closed; make a new one")
        return 0

    def report(self):
        """What is known of it: a dict of plain values. "levels": the names of the lockdown steps in force."""
        self.require_open()
        cdef ExecutorReport report = self.executor.report()
        return {
            "mode": self.mode,
            "levels": [name for name, bit in LEVELS.items() if report.lockdown_level & bit],
            "landlock_abi": report.landlock_abi,
            "instruction_set": report.instruction_set.decode(errors="replace"),
            "pid": report.pid,
            "respawns": report.respawns,
            "crashed": report.crashed,
            "timed_out": report.timed_out,
            "forgeries": report.forgeries,
            "memory_bytes": report.memory_bytes,
            "vector_operations": report.vector_operations,
            "node_evaluations": report.node_evaluations,
        }


def loss_number(name):
    try:
        return Loss[name].value
    except KeyError:
        raise InputError(f"there is no loss named {name}; choose one of {', '.join(Loss.__members__)}") from None
