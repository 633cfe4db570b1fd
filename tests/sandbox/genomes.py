"""Random genomes and hand-made ones for batches."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp import genome
from vgp.layout import ARITIES, CONSTANT, NODE, OPCODES, REFERENCE, VARIABLE, constant_payload

Nodes = npt.NDArray[Any]
ARITHMETIC = ("add", "sub", "mul")
MIXED = (*ARITHMETIC, "aq", "sin", "cos", "tanh", "square", "neg", "abs", "min", "max")


def of(*rows: tuple[int, int] | tuple[int, int, int]) -> Nodes:
    """(opcode, payload[, arity]) in postfix order; lengths are filled in."""
    nodes = np.zeros(len(rows), NODE)
    for node, (op, payload, *arity) in zip(nodes, rows, strict=True):
        node["op"], node["payload"] = op, payload
        node["arity"] = arity[0] if arity else ARITIES[op]
    return genome.index(nodes)


def variable(i: int = 0) -> Nodes:
    return of((VARIABLE, i))


def reference(id: int) -> Nodes:
    """An organism that is worth what another is worth."""
    return of((REFERENCE, id, 0))


def random_tree(rng: np.random.Generator, size: int, n_variables: int, functions: Sequence[str] = MIXED) -> list[tuple[int, int]]:
    """Postfix rows of `size` nodes, or one less where the arities do not allow it."""
    choice = [f for f in functions if ARITIES[OPCODES[f]] < size]
    if not choice:
        if rng.random() < 0.3:
            return [(CONSTANT, constant_payload(float(rng.normal())))]
        return [(VARIABLE, int(rng.integers(n_variables)))]
    op = OPCODES[choice[rng.integers(len(choice))]]
    if ARITIES[op] == 1:
        return [*random_tree(rng, size - 1, n_variables, functions), (op, 0)]
    left = int(rng.integers(1, size - 1))
    return [
        *random_tree(rng, left, n_variables, functions),
        *random_tree(rng, size - 1 - left, n_variables, functions),
        (op, 0),
    ]


def random_genomes(
    seed: int, n: int, n_variables: int, functions: Sequence[str] = MIXED, smallest: int = 20, largest: int = 50
) -> list[Nodes]:
    rng = np.random.default_rng(seed)
    return [of(*random_tree(rng, int(rng.integers(smallest, largest + 1)), n_variables, functions)) for _ in range(n)]
