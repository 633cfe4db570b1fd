"""Parts of a formula without effect: + 0, * 1, 0 * f where f has a value on every row, and their like."""

from vgp.algebra import genome_of
from vgp.layout import CONSTANT, NAMES, Genome, constant_value

Row = tuple[int, int, int]
ZERO: list[Row] = [(CONSTANT, 0, 0)]


def without_neutral(nodes: Genome) -> Genome:
    """The genome without them. Only for one that is finite on all rows: 0 * f is taken for 0."""
    stack: list[list[Row]] = []
    for op, arity, _, payload in nodes.tolist():
        operands = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        stack.append(_applied(NAMES[op], operands) or [*(row for operand in operands for row in operand), (op, arity, payload)])
    return genome_of(stack[0])


def _applied(name: str, operands: list[list[Row]]) -> list[Row] | None:
    """What is left of a function's application; None: all of it."""
    values = [constant_value(o[0][2]) if len(o) == 1 and o[0][0] == CONSTANT else None for o in operands]
    if name == "neg" and values == [0.0]:
        return ZERO
    if len(operands) != 2:
        return None
    (a, b), (first, second) = operands, values
    if (name in ("add", "sub") and second == 0) or (name in ("mul", "div", "pow") and second == 1):
        return a
    if (name == "add" and first == 0) or (name == "mul" and first == 1):
        return b
    if (name in ("mul", "div") and first == 0) or (name == "mul" and second == 0):
        return ZERO
    return None
