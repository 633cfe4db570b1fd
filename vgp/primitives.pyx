"""The primitive set and the limits as the compiled core has them, so that Python repeats no table."""
from vgp.core cimport (
    EXPONENT_UNIT, MAX_ARGUMENTS, MAX_DEPTH, MAX_EXPANDED, MAX_NODES, MAX_REFERENCE_DEPTH, MAX_VARIABLES, N_BASES, NO_OPCODE, VARIADIC,
    GenomeError, Loss, Status, genome_error_name, opcode_arity, opcode_name,
)


def opcode_rows() -> list[tuple[int, str, int]]:
    """(number, name, arity) of every opcode, by rising number; arity 255: given by the node."""
    rows = []
    for op in range(256):
        if opcode_arity(op) != NO_OPCODE:
            rows.append((op, opcode_name(op).decode(), opcode_arity(op)))
    return rows


def genome_error_names() -> list[str]:
    """Name of every GenomeError, by number."""
    names = []
    while True:
        name = genome_error_name(<GenomeError><unsigned int>len(names)).decode()
        if name == "unknown":
            return names
        names.append(name)


def limits() -> dict[str, int]:
    """The limits of genome.hpp by their names there."""
    return {
        "MAX_NODES": MAX_NODES,
        "MAX_DEPTH": MAX_DEPTH,
        "MAX_VARIABLES": MAX_VARIABLES,
        "MAX_ARGUMENTS": MAX_ARGUMENTS,
        "MAX_REFERENCE_DEPTH": MAX_REFERENCE_DEPTH,
        "MAX_EXPANDED": MAX_EXPANDED,
        "VARIADIC": VARIADIC,
    }


def status_rows() -> dict[str, int]:
    """Status names and numbers of evaluation.hpp."""
    return {
        "pending": <int>Status.pending,
        "ok": <int>Status.ok,
        "non_finite": <int>Status.non_finite,
        "malformed": <int>Status.malformed,
        "missing_reference": <int>Status.missing_reference,
        "reference_depth": <int>Status.reference_depth,
        "work_limit": <int>Status.work_limit,
        "no_memory": <int>Status.no_memory,
        "crashed": <int>Status.crashed,
        "timed_out": <int>Status.timed_out,
    }


def loss_rows() -> dict[str, int]:
    """Loss names and numbers of evaluation.hpp."""
    return {
        "squared": <int>Loss.squared,
        "absolute": <int>Loss.absolute,
        "huber": <int>Loss.huber,
        "logistic": <int>Loss.logistic,
    }


def unit_limits() -> tuple[int, int]:
    """(by what number exponents of units are multiplied to be whole, base dimensions there may be): dimension.hpp."""
    return EXPONENT_UNIT, N_BASES
