"""The meaning of opcodes.def, one obvious NumPy line per function: what exports and writing out of calls are held against."""

import numpy as np

from vgp.layout import CONSTANT, NAMES, REFERENCE, VARIABLE, Genome, Resolve, constant_value


def _periodic(function):
    return lambda a: np.where(np.abs(a) <= 2.0**30, function(np.where(np.isinf(a), np.nan, a)), np.nan)


TWINS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "aq": lambda a, b: a / np.sqrt(1 + b * b),
    "pow": np.float_power,
    "min": lambda a, b: np.where(np.isnan(a) | np.isnan(b), np.nan, np.where(a < b, a, b)),
    "max": lambda a, b: np.where(np.isnan(a) | np.isnan(b), np.nan, np.where(a > b, a, b)),
    "less": lambda a, b: (a < b) * 1.0,
    "less_equal": lambda a, b: (a <= b) * 1.0,
    "greater": lambda a, b: (a > b) * 1.0,
    "greater_equal": lambda a, b: (a >= b) * 1.0,
    "neg": lambda a: -a,
    "square": lambda a: a * a,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "sin": _periodic(np.sin),
    "cos": _periodic(np.cos),
    "tan": _periodic(np.tan),
    "tanh": np.tanh,
    "abs": np.abs,
    "if": lambda c, a, b: np.where(c > 0, a, b),
}


def values(nodes: Genome, table: np.ndarray, resolve: Resolve | None = None, arguments: tuple[np.ndarray, ...] = ()) -> np.ndarray:
    """The genome's value on every row of table (n_columns, n_rows), in float64. Arguments stand in for its own first variables."""
    stack: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        for op, arity, _, payload in nodes.tolist():
            operands = [stack.pop() for _ in range(arity)][::-1]
            if op == CONSTANT:
                stack.append(np.full(table.shape[1], constant_value(payload)))
            elif op == VARIABLE:
                stack.append(arguments[payload] if payload < len(arguments) else table[payload])
            elif op == REFERENCE:
                assert resolve is not None
                callee = resolve(payload)
                assert callee is not None
                stack.append(values(callee, table, resolve, tuple(operands)))
            else:
                stack.append(np.broadcast_to(TWINS[NAMES[op]](*operands), table.shape[1]))
    return stack[0]


EDGES = np.array([0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-300, 1e300, -1e300, 2.0**30, 2.0**31, np.inf, -np.inf, np.nan])


def edge_table(n_columns: int, seed: int = 0, rows: int = 200) -> np.ndarray:
    """(n_columns, rows): ordinary numbers and the values at which functions break, in all mixtures."""
    rng = np.random.default_rng(seed)
    ordinary = rng.normal(0, 3, (n_columns, rows))
    return np.where(rng.random((n_columns, rows)) < 0.5, ordinary, rng.choice(EDGES, (n_columns, rows)))
