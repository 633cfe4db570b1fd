"""Random genomes for hypothesis: every function, every kind of constant, and calls."""

from itertools import chain

import numpy as np
from hypothesis import strategies as st

from vgp.genome import index
from vgp.layout import ARITIES, CONSTANT, FUNCTIONS, MAX_ARGUMENTS, NODE, OPCODES, REFERENCE, VARIABLE, Genome, constant_payload

N_COLUMNS = 5
NAMES = ["a", "x1", "odd name", "sin", "b`c"]

any_constant = st.floats(allow_nan=False, allow_infinity=False)
_small = st.floats(-10, 10, allow_subnormal=False)
mild_constant = st.one_of(st.integers(-4, 4).map(float), _small, st.sampled_from([0.5, 1.0, 2.0, -1.0]))
Rows = list[tuple[int, int, int]]


def _terminals(constants: st.SearchStrategy[float], variables: int) -> st.SearchStrategy[Rows]:
    number = constants.map(lambda c: [(CONSTANT, 0, constant_payload(c))])
    column = st.integers(0, variables - 1).map(lambda v: [(VARIABLE, 0, v)])
    return st.one_of(column, column, number)


def _applications(operand: st.SearchStrategy[Rows], callees: st.SearchStrategy[int] | None) -> st.SearchStrategy[Rows]:
    def function(name: str) -> st.SearchStrategy[Rows]:
        op = OPCODES[name]
        return st.tuples(*[operand] * ARITIES[op]).map(lambda parts: [*chain.from_iterable(parts), (op, ARITIES[op], 0)])

    def call(arguments: list[Rows], id: int) -> Rows:
        return [*chain.from_iterable(arguments), (REFERENCE, len(arguments), id)]

    choices = [st.sampled_from(FUNCTIONS).flatmap(function)]
    if callees is not None:
        choices.append(st.builds(call, st.lists(operand, max_size=MAX_ARGUMENTS), callees))
    return st.one_of(choices)


def genome_of(rows: Rows) -> Genome:
    """The genome of (opcode, arity, payload) rows."""
    array = np.zeros(len(rows), NODE)
    for i, (op, arity, payload) in enumerate(rows):
        array[i] = (op, arity, 0, payload)
    return index(array)


def genomes(
    constants: st.SearchStrategy[float] = any_constant,
    callees: st.SearchStrategy[int] | None = None,
    max_leaves: int = 20,
    variables: int = N_COLUMNS,
) -> st.SearchStrategy[Genome]:
    """Valid genomes on `variables` columns; with `callees` they call the organisms of these ids."""
    trees = st.recursive(_terminals(constants, variables), lambda operand: _applications(operand, callees), max_leaves=max_leaves)
    return trees.map(genome_of)


ids = st.integers(1, 2**64 - 1)


@st.composite
def families(draw: st.DrawFn, max_size: int = 6, constants: st.SearchStrategy[float] = any_constant) -> list[Genome]:
    """Distinct genomes that call earlier ones of the list."""
    from vgp.genome import genome_id

    members: dict[int, Genome] = {}
    for _ in range(draw(st.integers(1, max_size))):
        callees = st.sampled_from(list(members)) if members else None
        genome = draw(genomes(constants, callees, max_leaves=6))
        members[genome_id(genome)] = genome
    return list(members.values())
