"""Evaluates genomes on a table in this process: the engine of the sandbox without the sandbox."""

import mmap
import os

import numpy as np

from vgp.errors import InputError
from vgp.layout import NODE, OPCODES, RESULT, Loss

cimport cython
from libc.stdint cimport uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free
from libc.string cimport memcpy

from vgp.core cimport Batch, CppEvaluator, EvaluatorSettings, LossSettings, Node, Result, TuneSettings, create_evaluator, view_datafile
from vgp.core cimport Loss as CoreLoss

cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t bytes)

cdef enum:
    MAX_WANTED = 4096


def instruction_sets() -> list[str]:
    """Names of the instruction sets that this machine can run, best first."""
    names = ("x86-64-v4", "x86-64-v3", "x86-64-v2", "aarch64")
    return [name for name in names if has_instruction_set(name.encode())]


cdef extern from "gradients.hpp" namespace "vgp" nogil:
    cdef cppclass Input:
        const void* data
        uint64_t step

    cdef cppclass Sweep:
        Input g, value
        Input inputs "in"[3]

    cdef cppclass GradientKernels:
        void (*forward[64])(void* out, const Input* inputs, uint64_t n)
        void (*reverse[64][3])(void* out, const Sweep& sweep, uint64_t n)
        void (*splat)(void* out, double value)

cdef extern from "kernels.hpp" namespace "vgp" nogil:
    cdef cppclass Kernels:
        double (*fold)(unsigned char op, double a, double b, double c)
        const GradientKernels* gradients

    const Kernels* find_kernels(const char* instruction_set, uint32_t element_bytes) noexcept


cdef bint has_instruction_set(bytes name):
    return find_kernels(name, 4) != NULL


def apply(str function, float a, float b=0.0, float c=0.0, *, str precision="float64", str instruction_set=None) -> float:
    """The value of one function at one point, bit for bit as the kernels compute it on a table of that precision."""
    cdef const Kernels* kernels = kernels_named(precision, instruction_set)
    return kernels.fold(OPCODES[function], a, b, c)


def derivative(str function, int operand, float a, float b=0.0, float c=0.0, *, str precision="float64", str instruction_set=None):
    """The derivative of one function by one operand at one point, as tuning uses it; None where it counts as 0 throughout."""
    cdef const Kernels* kernels = kernels_named(precision, instruction_set)
    cdef uint32_t op = OPCODES[function], k
    cdef unsigned char[::1] cells = np.zeros(64 * 6 + 63, np.uint8)
    cdef unsigned char* at = <unsigned char*> ((<uintptr_t> &cells[0] + 63) // 64 * 64)
    cdef Sweep sweep
    cdef Input inputs[3]
    if kernels.gradients.reverse[op][operand] == NULL:
        return None
    for k, value in enumerate((a, b, c)):
        kernels.gradients.splat(at + 64 * k, value)
        inputs[k].data, inputs[k].step = at + 64 * k, 0
        sweep.inputs[k] = inputs[k]
    kernels.gradients.splat(at + 64 * 3, 1.0)
    kernels.gradients.forward[op](at + 64 * 4, inputs, 1)
    sweep.g.data, sweep.value.data, sweep.g.step, sweep.value.step = at + 64 * 3, at + 64 * 4, 0, 0
    kernels.gradients.reverse[op][operand](at + 64 * 5, sweep, 1)
    return (<float*> (at + 64 * 5))[0] if precision == "float32" else (<double*> (at + 64 * 5))[0]


cdef const Kernels* kernels_named(str precision, str instruction_set) except NULL:
    cdef bytes name = instruction_set.encode() if instruction_set is not None else b""
    cdef const Kernels* kernels = find_kernels(<const char*> name if name else <const char*> NULL, 4 if precision == "float32" else 8)
    if kernels == NULL:
        raise InputError(f"this machine does not have the instruction set {instruction_set}")
    return kernels


cdef class Evaluator:
    """Evaluates genomes on one table, given as the path of a data file or as its bytes (layout: vgp/core/datafile.hpp).

    `cache_bytes` bounds the memory for output columns of referenced organisms. `instruction_set` forces one of
    `instruction_sets()`; by default the best is used. Raises InputError if the table or the instruction set cannot be used.
    One thread at a time; the GIL is released while evaluating.
    """

    def __cinit__(self, source, *, uint64_t cache_bytes=64 << 20, str instruction_set=None):
        cdef const unsigned char[::1] content
        cdef const char* error = NULL
        cdef EvaluatorSettings settings
        cdef bytes name = instruction_set.encode() if instruction_set is not None else b""
        content = self._open(source)
        error = view_datafile(&content[0] if content.shape[0] else NULL, content.shape[0], &self.view)
        if error != NULL:
            raise InputError(f"{_name_of(source)}: {error.decode()}")
        settings.cache_bytes = cache_bytes
        settings.instruction_set = <const char*>name if name else <const char*>NULL
        self.pointer = create_evaluator(self.view, settings, &error)
        if self.pointer == NULL:
            raise InputError(f"{_name_of(source)}: {error.decode()}")

    cdef const unsigned char[::1] _open(self, source):
        cdef const unsigned char[::1] content
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb") as file:
                if os.fstat(file.fileno()).st_size == 0:
                    raise InputError(f"{source}: the data file is empty")
                self.data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            return self.data
        content = source
        if <uintptr_t>&content[0] % 64 == 0:
            self.data = source
            return content
        self.buffer = <unsigned char*>aligned_alloc(64, (content.shape[0] + 63) // 64 * 64 + 64)
        if self.buffer == NULL:
            raise MemoryError("not enough memory for the table")
        memcpy(self.buffer, &content[0], content.shape[0])
        return <unsigned char[:content.shape[0]]>self.buffer

    def __dealloc__(self):
        del self.pointer
        free(self.buffer)

    @property
    def instruction_set(self) -> str:
        """Name of the instruction set in use."""
        return self.pointer.instruction_set().decode()

    @property
    def n_rows(self) -> int:
        return self.view.n_rows

    @property
    def n_variables(self) -> int:
        return self.view.n_variables

    @property
    def precision(self) -> str:
        return "float32" if self.view.element_bytes == 4 else "float64"

    def counters(self) -> tuple[int, int]:
        """(vector operations times rows, nodes times rows) computed so far."""
        cdef uint64_t operations, nodes
        self.pointer.counters(&operations, &nodes)
        return operations, nodes

    def evaluate(self, nodes, offsets, loss="squared", linear_scaling=True, huber_delta=1.0, resolve=None, probe_errors=False):
        """Losses of a batch of genomes against the table's target: a RESULT array, one record per genome.

        `resolve(id)` gives the NODE array of an organism that a genome refers to, or None. probe_errors: `errors` are wanted, too.
        """
        if self.view.target == NULL:
            raise InputError("the table has no target column: losses cannot be computed, only outputs")
        return self._work(nodes, offsets, _loss_settings(loss, linear_scaling, huber_delta, probe_errors), None, resolve)

    def tune(self, nodes, offsets, steps=10, rows=0, loss="squared", linear_scaling=True, huber_delta=1.0, resolve=None):
        """(The nodes with tuned constants, RESULT array): see Sandbox.tune. With steps -1 instead: standard errors, those of every
        organism's constants and then of its slope and intercept, and the RESULT array."""
        nodes, offsets = _check_batch(nodes, offsets)
        constants = np.flatnonzero(nodes["op"] == OPCODES["constant"])
        numbers = np.zeros(len(constants) + 2 * len(offsets))
        results = self._work(nodes, offsets, _loss_settings(loss, linear_scaling, huber_delta), None, resolve, (steps, rows, numbers))
        if steps < 0:
            return numbers[: len(constants) + 2 * len(offsets) - 2], results
        tuned = nodes.copy()
        tuned["payload"][constants] = numbers[: len(constants)].view(np.uint64)
        return tuned, results

    def outputs(self, nodes, offsets, resolve=None):
        """Values of a batch of genomes: an (n, n_rows) array of the table's precision. Rows of genomes that cannot be
        evaluated (malformed, missing reference ...) are NaN."""
        values = np.empty((len(offsets) - 1, self.view.padded_rows), np.float32 if self.view.element_bytes == 4 else np.float64)
        results = self._work(nodes, offsets, _loss_settings("squared", True, 1.0), values, resolve)
        values[results["status"] > 2] = np.nan
        return values[:, : self.view.n_rows]

    def _work(self, nodes, offsets, settings, values, resolve, tuning=None):
        nodes, offsets = _check_batch(nodes, offsets)
        results = np.zeros(len(offsets) - 1, RESULT)
        cdef const unsigned char[::1] node_bytes = nodes.view(np.uint8)
        cdef const uint32_t[::1] offset_view = offsets
        cdef unsigned char[::1] result_bytes = results.view(np.uint8)
        cdef unsigned char[:, ::1] value_bytes = None if values is None else values.view(np.uint8)
        cdef uint64_t[::1] wanted = np.zeros(MAX_WANTED, np.uint64)
        cdef LossSettings loss
        cdef Batch batch
        cdef uint32_t n
        cdef TuneSettings tune
        cdef int steps = 0 if tuning is None else tuning[0]
        cdef double[::1] numbers = None if tuning is None else tuning[2]
        if tuning is not None:
            tune.steps, tune.rows = max(steps, 0), tuning[1]
        loss.loss = <CoreLoss><uint32_t>settings[0]
        loss.linear_scaling = settings[1]
        loss.huber_delta = settings[2]
        loss.probe_errors = settings[3]
        batch.n = len(results)
        if batch.n == 0:
            return results
        batch.nodes = <const Node*>&node_bytes[0] if node_bytes.shape[0] else NULL
        batch.offsets = &offset_view[0]
        self.supplied = []
        self.pointer.begin(loss)
        while True:
            with nogil:
                if numbers is not None and steps < 0:
                    n = self.pointer.errors(batch, <Result*>&result_bytes[0], &numbers[0], &wanted[0], MAX_WANTED, NULL)
                elif numbers is not None:
                    n = self.pointer.tune(batch, tune, <Result*>&result_bytes[0], &numbers[0], &wanted[0], MAX_WANTED, NULL)
                elif value_bytes is None:
                    n = self.pointer.evaluate(batch, <Result*>&result_bytes[0], &wanted[0], MAX_WANTED, NULL)
                else:
                    n = self.pointer.outputs(batch, <Result*>&result_bytes[0], &value_bytes[0, 0], &wanted[0], MAX_WANTED, NULL)
            if n == 0:
                return results
            self.answer(resolve, &wanted[0], n)

    cdef int answer(self, resolve, const uint64_t* wanted, uint32_t n) except -1:
        cdef const unsigned char[::1] content
        cdef uint32_t i
        for i in range(n):
            genome = None if resolve is None else resolve(int(wanted[i]))
            if genome is None or len(genome) == 0:
                self.pointer.deny(wanted[i])
                continue
            content = np.ascontiguousarray(genome, NODE).view(np.uint8)
            self.pointer.supply(wanted[i], <const Node*>&content[0], len(genome))
        return 0


def _name_of(source) -> str:
    return str(source) if isinstance(source, (str, os.PathLike)) else "the table"


def _loss_settings(loss, linear_scaling, huber_delta, probe_errors=False):
    if not isinstance(loss, str) or loss not in Loss.__members__:
        raise InputError(f"no loss is called {loss!r}: use one of {', '.join(Loss.__members__)}")
    if not huber_delta > 0:
        raise InputError(f"huber_delta is {huber_delta}: it must be positive")
    return int(Loss[loss]), int(linear_scaling), float(huber_delta), bool(probe_errors)


def _check_batch(nodes, offsets):
    nodes, offsets = np.ascontiguousarray(nodes, NODE), np.ascontiguousarray(offsets, np.uint32)
    if len(offsets) == 0 or offsets[0] != 0 or offsets.max() > len(nodes) or (np.diff(offsets.astype(np.int64)) < 0).any():
        raise InputError("offsets must start at 0, never fall, and end within the nodes")
    return nodes, offsets
