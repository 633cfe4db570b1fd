"""Genomes for Python: checks, ids, depths, writing out of calls, portable records. Flat arrays in, flat arrays out.

Arrays are those of vgp.layout: NODE[n] for one genome; (NODE[total], uint32[n + 1]) for a batch.
"""
import numpy as np

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

cimport vgp.core as core
from vgp.core cimport (
    MAX_ARGUMENTS, MAX_DEPTH, MAX_NODES, MAX_VARIABLES, Flattened, FlattenError, GenomeError as Verdict, GenomeLimits, Node,
    RecordError as RecordCode, RecordVerdict,
)

from typing import NamedTuple

from vgp.errors import GenomeError, RecordError
from vgp.layout import NODE


class Bundle(NamedTuple):
    """Decoded organisms, callees before callers. `is_root[i]`: exported for its own sake, not only for its callers."""

    nodes: np.ndarray
    offsets: np.ndarray
    is_root: np.ndarray
    ids: np.ndarray

    def __len__(self):
        return len(self.ids)

    def genome(self, i):
        """The NODE array of organism i."""
        return self.nodes[self.offsets[i]:self.offsets[i + 1]]


# ---- arrays at the border: checked once here, plain pointers behind it ----

cdef object as_nodes(nodes):
    """`nodes` itself, or a copy of it that is contiguous and aligned."""
    array = np.ascontiguousarray(nodes)
    if array.dtype != NODE or array.ndim != 1:
        raise GenomeError(f"a genome is a one-dimensional array of NODE, not {array.ndim}-dimensional {array.dtype}")
    return array.copy() if <size_t>array.ctypes.data % 4 else array


cdef const Node* pointer(array) except? NULL:
    return <const Node*><size_t>array.ctypes.data


cdef uint32_t count(array) except? 0:
    if len(array) >= 0xFFFFFFFF:
        raise GenomeError("more than 2^32 nodes in one array")
    return <uint32_t>len(array)


cdef object as_offsets(offsets, size_t n_nodes):
    array = np.ascontiguousarray(offsets, dtype=np.uint32)
    if array.ndim != 1 or len(array) == 0 or array[0] != 0 or array[len(array) - 1] != n_nodes or (np.diff(array.astype(np.int64)) < 0).any():
        raise GenomeError(f"offsets must rise from 0 to the number of nodes, {n_nodes}")
    return array


cdef object new_nodes(size_t n):
    return np.empty(n, NODE)


# ---- one genome ----

def error_of(nodes, *, uint32_t max_nodes=MAX_NODES, uint32_t max_depth=MAX_DEPTH, uint32_t n_variables=MAX_VARIABLES) -> str:
    """What is wrong with a genome, by the names of GenomeError ("too_deep"); "none" if nothing is."""
    array = as_nodes(nodes)
    cdef GenomeLimits limits
    limits.max_nodes, limits.max_depth, limits.n_variables = max_nodes, max_depth, n_variables
    return core.genome_error_name(core.validate(pointer(array), count(array), limits)).decode()


def validate(nodes, *, max_nodes=MAX_NODES, max_depth=MAX_DEPTH, n_variables=MAX_VARIABLES) -> None:
    """Raises GenomeError, with the name of what is wrong, unless the genome is valid within the limits."""
    reason = error_of(nodes, max_nodes=max_nodes, max_depth=max_depth, n_variables=n_variables)
    if reason != "none":
        raise GenomeError(f"the genome is not valid: {reason}", reason)


def index(nodes) -> np.ndarray:
    """A copy with the arity (except of references) and subtree length of every node set. Raises GenomeError if the postfix is
    not one expression."""
    array = as_nodes(np.array(nodes, dtype=NODE, copy=True))
    if not core.index_genome(<Node*>pointer(array), count(array)):
        raise GenomeError("the nodes are not one expression in postfix order", "not_one_result")
    return array


def depth(nodes) -> int:
    """Depth of a valid genome; a terminal has depth 1."""
    array = as_nodes(nodes)
    validate(array)
    return core.genome_depth(pointer(array), count(array))


def genome_id(nodes) -> int:
    """The organism's id: a 64-bit content hash, never 0, the same on every machine."""
    array = as_nodes(nodes)
    return core.genome_id(pointer(array), count(array))


# ---- batches ----

def ids(nodes, offsets) -> np.ndarray:
    """uint64[n]: the id of every genome of a batch."""
    array = as_nodes(nodes)
    cdef const uint32_t[::1] at = as_offsets(offsets, len(array))
    cdef uint32_t i, n = at.shape[0] - 1
    cdef const Node* start = pointer(array)
    result = np.empty(n, np.uint64)
    cdef uint64_t[::1] out = result
    with nogil:
        for i in range(n):
            out[i] = core.genome_id(start + at[i], at[i + 1] - at[i])
    return result


def depths(nodes, offsets) -> np.ndarray:
    """uint32[n]: the depth of every genome of a batch. Raises GenomeError, naming the first one at fault, unless all are valid."""
    array = as_nodes(nodes)
    cdef const uint32_t[::1] at = as_offsets(offsets, len(array))
    cdef uint32_t i, n = at.shape[0] - 1
    cdef const Node* start = pointer(array)
    cdef GenomeLimits limits
    cdef Verdict verdict = Verdict.none
    result = np.empty(n, np.uint32)
    cdef uint32_t[::1] out = result
    with nogil:
        for i in range(n):
            verdict = core.validate(start + at[i], at[i + 1] - at[i], limits)
            if verdict != Verdict.none:
                break
            out[i] = core.genome_depth(start + at[i], at[i + 1] - at[i])
    if verdict != Verdict.none:
        reason = core.genome_error_name(verdict).decode()
        raise GenomeError(f"genome {i} of the batch is not valid: {reason}", reason)
    return result


# ---- calls written out ----

cdef class Resolution:
    """A Python resolver behind a C function: holds every genome that it gave, and the first exception that it raised."""
    cdef object resolve, held, error

    def __cinit__(self, resolve):
        self.resolve, self.held, self.error = resolve, {}, None

    cdef uint32_t look_up(self, uint64_t id, const Node** nodes) except? 0:
        if id not in self.held:
            genome = None if self.resolve is None else self.resolve(id)
            if genome is not None:
                genome = as_nodes(genome)
                validate(genome)
            self.held[id] = genome
        array = self.held[id]
        if array is None:
            return 0
        nodes[0] = pointer(array)
        return count(array)


cdef uint32_t resolve_python(void* context, uint64_t id, const Node** nodes) noexcept with gil:
    resolution = <Resolution>context
    try:
        return resolution.look_up(id, nodes)
    except BaseException as error:
        resolution.error = error
        return 0


def flatten(nodes, resolve=None, *, uint32_t max_nodes=MAX_NODES) -> np.ndarray:
    """The plain genome, without references, that equals `nodes` with all that it calls written out.

    `resolve` gives the genome of an id, or None. Raises GenomeError with reason missing_reference, reference_depth (also: a cycle),
    work_limit (four times MAX_EXPANDED nodes and calls visited), too_long (more than max_nodes) or too_deep.
    """
    array = as_nodes(nodes)
    validate(array)
    out = new_nodes(min(max_nodes, MAX_NODES))
    resolution = Resolution(resolve)
    cdef Flattened flat = core.flatten(pointer(array), count(array), resolve_python, <void*>resolution, <Node*>pointer(out),
                                       <uint32_t>len(out))
    if resolution.error is not None:
        raise resolution.error
    if flat.error == FlattenError.none:
        return out[:flat.n].copy()
    reason = core.flatten_error_name(flat.error).decode()
    what = f" {flat.detail:016x}" if flat.error == FlattenError.missing_reference else ""
    raise GenomeError(f"the organism cannot be written out as a plain formula: {reason}{what}", reason)


def substitute(body, arguments, *, uint32_t max_nodes=MAX_NODES) -> np.ndarray:
    """`body` with its first len(arguments) <= 3 variables replaced by the argument genomes: a call, inlined.

    Raises GenomeError (too_long) when that takes more than max_nodes nodes, or is too deep.
    """
    array = as_nodes(body)
    operands = [as_nodes(argument) for argument in arguments]
    cdef const Node* starts[MAX_ARGUMENTS]
    cdef uint32_t lengths[MAX_ARGUMENTS]
    if len(operands) > MAX_ARGUMENTS:
        raise GenomeError(f"a call takes at most {MAX_ARGUMENTS} arguments, not {len(operands)}", "bad_arity")
    for genome in (array, *operands):
        validate(genome)
    for i, operand in enumerate(operands):
        starts[i], lengths[i] = pointer(operand), count(operand)
    out = new_nodes(min(max_nodes, MAX_NODES))
    cdef uint32_t n = core.substitute(pointer(array), count(array), starts, lengths, <uint32_t>len(operands), <Node*>pointer(out),
                                      <uint32_t>len(out))
    if n == 0:
        raise GenomeError(f"the call written out has more than {len(out)} nodes or is too deep", "too_long")
    return out[:n].copy()


# ---- portable records ----

cdef object record_error(RecordVerdict verdict, str what):
    reason = core.record_error_name(verdict.error).decode()
    where = ""
    if verdict.error == RecordCode.malformed_organism:
        reason = core.genome_error_name(verdict.genome).decode()
        where = f" in organism {verdict.organism}"
    return RecordError(f"{what}: {reason}{where}", reason)


def encode_bundle(nodes, offsets, is_root=None, *, bint open=False) -> bytes:
    """The portable record of organisms, callees before callers. `is_root`: bool[n], default all.

    `open`: they may call organisms that the bundle does not carry. Raises RecordError; `reason` is a name of docs/record.md or of
    a GenomeError.
    """
    array = as_nodes(nodes)
    cdef const uint32_t[::1] at = as_offsets(offsets, len(array))
    cdef uint32_t n = at.shape[0] - 1
    flags = np.ones(n, np.uint8) if is_root is None else np.ascontiguousarray(is_root, dtype=bool).view(np.uint8)
    if len(flags) != n:
        raise RecordError(f"is_root has {len(flags)} entries for {n} organisms", "bad_count")
    cdef const uint8_t[::1] roots = flags
    cdef vector[unsigned char] out
    cdef RecordVerdict verdict
    cdef const Node* start = pointer(array)
    with nogil:
        verdict = core.encode_bundle(start, &at[0], &roots[0] if n else NULL, n, open, &out)
    if verdict.error != RecordCode.none:
        raise record_error(verdict, "the organisms cannot be exported")
    return PyBytes_FromStringAndSize(<char*>out.data(), out.size())


def decode_bundle(const unsigned char[::1] data not None, *, bint open=False) -> Bundle:
    """The organisms of a portable record. Total: any bytes give a Bundle of valid organisms or a RecordError that names why not.

    `open`: the organisms may call others that the bundle does not carry. Ids are worked out from the organisms.
    """
    cdef core.Bundle bundle
    cdef RecordVerdict verdict
    cdef size_t bytes = data.shape[0]
    cdef const unsigned char* start = &data[0] if bytes else NULL
    with nogil:
        verdict = core.decode_bundle(start, bytes, open, &bundle)
    if verdict.error != RecordCode.none:
        raise record_error(verdict, "not a record of organisms")
    cdef size_t n = bundle.is_root.size()
    nodes = np.frombuffer(PyBytes_FromStringAndSize(<char*>bundle.nodes.data(), bundle.nodes.size() * sizeof(Node)), NODE).copy()
    offsets = np.frombuffer(PyBytes_FromStringAndSize(<char*>bundle.offsets.data(), (n + 1) * 4), np.uint32).copy()
    is_root = np.frombuffer(PyBytes_FromStringAndSize(<char*>bundle.is_root.data(), n), bool).copy()
    ids = np.frombuffer(PyBytes_FromStringAndSize(<char*>bundle.ids.data(), n * 8), np.uint64).copy()
    return Bundle(nodes, offsets, is_root, ids)


def encode_nodes(nodes) -> bytes:
    """The compact form of valid genomes one behind the other, without envelope: what a checkpoint stores beside the offsets."""
    array = as_nodes(nodes)
    cdef size_t n = len(array)
    cdef const Node* start = pointer(array)
    cdef size_t bytes = core.encoded_bytes(start, n)
    out = PyBytes_FromStringAndSize(NULL, bytes)
    cdef unsigned char* target = <unsigned char*>PyBytes_AS_STRING(out)
    with nogil:
        core.encode_nodes(start, n, target)
    return out


def decode_genomes(const unsigned char[::1] data not None, offsets) -> np.ndarray:
    """NODE[offsets[-1]]: the inverse of encode_nodes. Total: raises RecordError unless every genome is valid and all bytes are used."""
    cdef size_t bytes = data.shape[0]
    total = int(np.max(offsets, initial=0))
    if total > bytes:
        raise RecordError(f"{total} nodes in {bytes} bytes: bad_count", "bad_count")
    out = new_nodes(total)
    cdef const uint32_t[::1] at = as_offsets(offsets, len(out))
    cdef uint32_t n = at.shape[0] - 1
    cdef Node* target = <Node*>pointer(out)
    cdef const unsigned char* start = &data[0] if bytes else NULL
    cdef RecordVerdict verdict
    with nogil:
        verdict = core.decode_genomes(start, bytes, &at[0], n, target)
    if verdict.error != RecordCode.none:
        raise record_error(verdict, "not the nodes of these organisms")
    return out
