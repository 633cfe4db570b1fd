"""Genomes and results as NumPy sees them, and the primitive set by name.

A batch of genomes is (nodes: NODE[total], offsets: uint32[n + 1]); genome i is nodes[offsets[i]:offsets[i + 1]], in postfix order.
The layouts are those of vgp/core/genome.hpp and evaluation.hpp; tables and limits are read from the compiled core.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vgp import primitives

NODE = np.dtype([("op", "u1"), ("arity", "u1"), ("length", "<u2"), ("payload", "<u8")])
"""One node, 12 bytes: opcode, operands, nodes of the subtree that ends here, and a constant (as f8), column index or id."""

RESULT = np.dtype(
    [(name, "<f8") for name in ("loss", "slope", "intercept")]
    + [("signature", "<u8"), ("detail", "<u8"), ("status", "<u4"), ("cost", "<u4"), ("errors", "u1", (64,))]
)
"""What the evaluator says about one organism, 112 bytes: see `Result` in vgp/core/evaluation.hpp."""

Genome = npt.NDArray[Any]
"""A NODE array of one organism in postfix order."""

Offsets = npt.NDArray[np.uint32]

Resolve = Callable[[int], Genome | None]
"""Gives the genome of an organism's id, or None if there is none."""


class Status(IntEnum):
    """Outcome of an evaluation (evaluation.hpp; a test holds the two together)."""

    pending = 0
    ok = 1
    non_finite = 2
    malformed = 3
    missing_reference = 4
    reference_depth = 5
    work_limit = 6
    no_memory = 7
    crashed = 8
    timed_out = 9


class Loss(IntEnum):
    """Loss functions (evaluation.hpp)."""

    squared = 0
    absolute = 1
    huber = 2
    logistic = 3


class Primitive(NamedTuple):
    """One row of vgp/core/opcodes.def. `arity` of a reference is VARIADIC: each node has its own."""

    number: int
    name: str
    arity: int


PRIMITIVES = tuple(Primitive(*row) for row in primitives.opcode_rows())
OPCODES = {primitive.name: primitive.number for primitive in PRIMITIVES}
NAMES = {primitive.number: primitive.name for primitive in PRIMITIVES}
ARITIES = {primitive.number: primitive.arity for primitive in PRIMITIVES}

CONSTANT = OPCODES["constant"]
VARIABLE = OPCODES["variable"]
REFERENCE = OPCODES["reference"]
FUNCTIONS = tuple(p.name for p in PRIMITIVES if p.number not in (CONSTANT, VARIABLE, REFERENCE))
"""Names of all functions, in the order of their opcodes."""

GENOME_ERRORS = tuple(primitives.genome_error_names())

_LIMITS = primitives.limits()
MAX_NODES = _LIMITS["MAX_NODES"]
MAX_DEPTH = _LIMITS["MAX_DEPTH"]
MAX_VARIABLES = _LIMITS["MAX_VARIABLES"]
MAX_ARGUMENTS = _LIMITS["MAX_ARGUMENTS"]
MAX_REFERENCE_DEPTH = _LIMITS["MAX_REFERENCE_DEPTH"]
MAX_EXPANDED = _LIMITS["MAX_EXPANDED"]
VARIADIC = _LIMITS["VARIADIC"]


def constant_payload(value: float) -> int:
    """The payload of a constant node."""
    return int(np.float64(value).view(np.uint64))


def constant_value(payload: int) -> float:
    """The constant that a payload stands for."""
    return float(np.uint64(payload).view(np.float64))


def batch(genomes: list[Genome]) -> tuple[Genome, Offsets]:
    """Puts genomes one behind the other: (nodes, offsets)."""
    offsets = np.zeros(len(genomes) + 1, np.uint32)
    np.cumsum([len(genome) for genome in genomes], out=offsets[1:])
    nodes = np.concatenate(genomes) if genomes else np.zeros(0, NODE)
    return nodes, offsets
