"""The evaluator's slow, obvious twin: a postfix stack machine in NumPy, and the losses as their definitions read."""

import numpy as np

from vgp.layout import CONSTANT, NAMES, REFERENCE, VARIABLE, constant_value

TRIGONOMETRY_LIMIT = {np.dtype(np.float32): 2.0**20, np.dtype(np.float64): 2.0**30}


def _limited(function):
    def apply(a):
        return np.where(np.abs(a) <= TRIGONOMETRY_LIMIT[a.dtype], function(a), a.dtype.type(np.nan))

    return apply


def _aq(a, b):
    wide = b.astype(np.longdouble)
    return (a / np.sqrt(1 + wide * wide)).astype(a.dtype)


FUNCTIONS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "aq": _aq,
    "pow": lambda a, b: a**b,
    "min": np.minimum,
    "max": np.maximum,
    "less": lambda a, b: (a < b).astype(a.dtype),
    "less_equal": lambda a, b: (a <= b).astype(a.dtype),
    "greater": lambda a, b: (a > b).astype(a.dtype),
    "greater_equal": lambda a, b: (a >= b).astype(a.dtype),
    "neg": lambda a: -a,
    "square": lambda a: a * a,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "sin": _limited(np.sin),
    "cos": _limited(np.cos),
    "tan": _limited(np.tan),
    "tanh": np.tanh,
    "abs": np.abs,
    "if": lambda c, a, b: np.where(c > 0, a, b),
}


NUMPY = {"exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "sqrt": np.sqrt}
"""Elementary functions for arguments of any precision."""

BINARY = ("add", "sub", "mul", "div", "aq", "pow", "min", "max", "less", "less_equal", "greater", "greater_equal")


def flush(values):
    """Numbers below the smallest normal one count as 0."""
    return np.where(np.abs(values) < np.finfo(values.dtype).tiny, np.copysign(values.dtype.type(0), values), values)


ROUNDED = ("add", "sub", "mul", "div", "square", "sqrt")
EXACT = (*ROUNDED, "min", "max", "less", "less_equal", "greater", "greater_equal", "neg", "abs", "if")
"""Functions that IEEE 754 rounds once: every implementation gives the same bits."""


def evaluate(nodes, columns, resolve=None, arguments=(), jitter=None):
    """Values of a genome on columns (a list of equally long arrays of one dtype); `arguments` stand in for the first columns.

    With `jitter`, a random generator, functions that are not EXACT are off by up to 4 units in the last place.
    """
    dtype = columns[0].dtype
    stack = []
    for node in nodes:
        arity = int(node["arity"])
        operands = [stack.pop() for _ in range(arity)][::-1]
        if node["op"] == CONSTANT:
            value = np.full(len(columns[0]), constant_value(int(node["payload"])), np.float64).astype(dtype)
        elif node["op"] == VARIABLE:
            k = int(node["payload"])
            value = arguments[k] if k < len(arguments) else columns[k]
        elif node["op"] == REFERENCE:
            value = evaluate(resolve(int(node["payload"])), columns, resolve, operands, jitter)
        else:
            name = NAMES[int(node["op"])]
            value = FUNCTIONS[name](*operands)
            if jitter is not None and name not in EXACT:
                value = value * (1 + jitter.integers(-4, 5, value.shape) * np.finfo(dtype).eps).astype(dtype)
        stack.append(flush(value))
    (value,) = stack
    return value


def line(f, y, w):
    """Weighted least squares of y on f: (slope, intercept)."""
    f, y, w = (v.astype(np.longdouble) for v in (f, y, w))
    mean_f, mean_y = np.sum(w * f) / np.sum(w), np.sum(w * y) / np.sum(w)
    variance = np.sum(w * (f - mean_f) ** 2)
    if np.all(f == f[0]) or variance == 0:
        return np.longdouble(0), mean_y
    slope = np.sum(w * (f - mean_f) * (y - mean_y)) / variance
    return slope, mean_y - slope * mean_f


def loss(name, f, y, w, slope, intercept, delta=1.0):
    """Weighted mean loss of intercept + slope * f against y."""
    f, y, w = (v.astype(np.longdouble) for v in (f, y, w))
    z = intercept + slope * f
    r = np.abs(z - y)
    per_row = {
        "squared": lambda: r**2,
        "absolute": lambda: r,
        "huber": lambda: np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)),
        "logistic": lambda: np.logaddexp(0, z) - y * z,
    }[name]()
    return np.sum(w * per_row) / np.sum(w)


def signature(f, y, slope, intercept):
    """Bit i: the residual on row i * n_rows // 64 is positive; and whether it is too near 0 to tell."""
    rows = np.arange(64) * len(f) // 64
    r = intercept + slope * f[rows].astype(np.longdouble) - y[rows]
    return r > 0, np.abs(r) <= 1e-6 * (np.abs(y[rows]) + np.abs(slope * f[rows]) + np.abs(intercept))


def probe_errors(name, f, y, slope, intercept):
    """On the probe rows: the row's loss (logistic), or the residual over the power of two above the target's largest deviation."""
    rows = np.arange(64) * len(f) // 64
    z, target = intercept + slope * f[rows].astype(np.longdouble), y[rows]
    if name == "logistic":
        return np.logaddexp(0, z) - target * z
    return np.abs(z - target) / 2.0 ** np.frexp(float(np.abs(y - y.mean()).max()))[1]
