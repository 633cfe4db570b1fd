"""Running error analysis (Wilkinson 1963): a genome's values with a bound on what rounding can have done to them.

Two genomes that are the same formula differ by no more than the sum of their bounds; where a comparison, a pole or a domain's end
lies within rounding, the bound is infinite.
"""

import numpy as np

from tests.formats.twin import TWINS
from vgp.layout import CONSTANT, NAMES, VARIABLE, Genome, constant_value

EPSILON = 4 * np.finfo(float).eps


def _spread(function, operands: list[np.ndarray], errors: list[np.ndarray], value: np.ndarray) -> np.ndarray:
    """How far the function moves when its operands move by their errors, to either side and together."""
    spread = np.zeros_like(value)
    for signs in np.ndindex(*[3] * len(operands)):
        moved = function(*[a + (s - 1) * e for a, e, s in zip(operands, errors, signs, strict=True)])
        distance = np.abs(moved - value)
        spread = np.fmax(spread, np.where(np.isnan(distance), np.inf, distance))
    return spread


def _poles(name: str, operands: list[np.ndarray], errors: list[np.ndarray]) -> np.ndarray:
    """Where the operands' errors reach a pole, a jump, or the other side of a domain."""
    last, error = operands[-1], errors[-1]
    if name == "div":
        return np.abs(last) <= 4 * error
    if name in ("sin", "cos", "tan"):
        return (error > 1e-3) | ((name == "tan") & (np.abs(np.cos(last)) <= 4 * error)) | (np.abs(np.abs(last) - 2.0**30) <= error)
    if name in ("sqrt", "log"):
        return np.abs(last) <= 4 * error
    if name == "pow":
        return (np.abs(operands[0]) <= 4 * errors[0]) | ((operands[0] < 0) & (error > 0))
    if name in ("less", "less_equal", "greater", "greater_equal"):
        return np.abs(operands[0] - last) <= errors[0] + error
    return np.abs(operands[0]) <= errors[0] if name == "if" else np.zeros(last.shape, bool)


def bounded_values(nodes: Genome, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values, bounds), each one per row of table."""
    stack: list[tuple[np.ndarray, np.ndarray]] = []
    n = table.shape[1]
    with np.errstate(all="ignore"):
        for op, arity, _, payload in nodes.tolist():
            pairs = [stack.pop() for _ in range(arity)][::-1]
            if op in (CONSTANT, VARIABLE):
                value = np.full(n, constant_value(payload)) if op == CONSTANT else table[payload]
                stack.append((value, EPSILON * np.abs(value) if op == CONSTANT else np.zeros(n)))
                continue
            operands, errors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
            value = np.broadcast_to(TWINS[NAMES[op]](*operands), n)
            bound = 2 * _spread(TWINS[NAMES[op]], operands, errors, value) + EPSILON * np.abs(value) + 1e-290
            lost = _poles(NAMES[op], operands, errors) | np.any([np.isinf(e) for e in errors], axis=0)
            stack.append((value, np.where(lost, np.inf, bound)))
    return stack[0]
