"""A formula of any engine, read once and evaluated in three arithmetics: NumPy's float64, mpmath's digits, sympy's symbols.

The text is Python's: + - * / **, numbers, pi, columns as x0, x1, ... or by name, and the functions of TABLE. A formula is kept in
postfix order, so that depth never nests calls.
"""

import ast
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vgp.errors import InputError

MOST_CHARACTERS = 200_000
Floats = npt.NDArray[np.float64]
Operations = dict[str, Callable[..., Any]]

ARITIES = {
    **dict.fromkeys(("add", "sub", "mul", "div", "pow", "min", "max", "less", "less_equal", "greater", "greater_equal"), 2),
    **dict.fromkeys(("neg", "sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "abs", "asin", "acos", "atan"), 1),
    **dict.fromkeys(("sinh", "cosh", "cbrt", "floor", "ceil", "square"), 1),
    "where": 3,  # where(c, a, b): a where c > 0, else b
}
_BINARY: dict[type[ast.operator], str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}

FLOAT64: Operations = {
    **{"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.float_power},
    **{"min": np.minimum, "max": np.maximum, "neg": np.negative, "abs": np.abs, "cbrt": np.cbrt, "square": np.square},
    **{name: getattr(np, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "floor", "ceil")},
    **{"asin": np.arcsin, "acos": np.arccos, "atan": np.arctan},
    "less": lambda a, b: np.where(a < b, 1.0, 0.0),
    "less_equal": lambda a, b: np.where(a <= b, 1.0, 0.0),
    "greater": lambda a, b: np.where(a > b, 1.0, 0.0),
    "greater_equal": lambda a, b: np.where(a >= b, 1.0, 0.0),
    "where": lambda c, a, b: np.where(c > 0, a, b),
}


class Step(NamedTuple):
    """One node in postfix order."""

    name: str  # a function of ARITIES, or "number", "column", "pi"
    column: int = 0
    value: float = 0.0
    digits: str = ""  # of a number, as written: 0.1 is one tenth, not the float next to it


@dataclass(frozen=True)
class Expression:
    """A formula in postfix order."""

    steps: tuple[Step, ...]

    @property
    def size(self) -> int:
        """Nodes: functions, columns and numbers."""
        return len(self.steps)

    @cached_property
    def constants(self) -> tuple[int, ...]:
        """Where the numbers stand that may be off by a little: all but whole exponents, which are structure."""
        exponents = {k - 1 for k, step in enumerate(self.steps) if step.name == "pow"}
        numbers = [k for k, step in enumerate(self.steps) if step.name == "number"]
        return tuple(k for k in numbers if not (k in exponents and self.steps[k].value.is_integer()))

    def values(self) -> Floats:
        """Of the constants."""
        return np.array([self.steps[k].value for k in self.constants], np.float64)

    def with_constants(self, values: Floats) -> "Expression":
        """The formula with these constants, written as the shortest decimals."""
        steps = list(self.steps)
        for k, value in zip(self.constants, values.tolist(), strict=True):
            steps[k] = Step("number", value=value, digits=repr(value))
        return Expression(tuple(steps))

    def evaluate(
        self, columns: Sequence[Any], operations: Operations, number: Callable[[Step], Any], constants: Iterable[Any] | None = None
    ) -> Any:
        """The formula in some arithmetic. `constants` stand in for `self.constants`, `number` makes the rest (and pi)."""
        given = dict(zip(self.constants, constants, strict=True)) if constants is not None else {}
        stack: list[Any] = []
        for k, step in enumerate(self.steps):
            if step.name == "column":
                stack.append(columns[step.column])
            elif step.name in ARITIES:
                arity = ARITIES[step.name]
                operands = stack[len(stack) - arity :]
                del stack[len(stack) - arity :]
                stack.append(operations[step.name](*operands))
            else:
                stack.append(given[k] if k in given else number(step))
        return stack[0]

    def on(self, X: Floats, constants: Floats | None = None) -> Floats:
        """Values on the rows of X (rows, columns), float64, NaN or infinite where there is none."""
        with np.errstate(all="ignore"):
            values = self.evaluate([X[:, k] for k in range(X.shape[1])], FLOAT64, as_float, constants)
        return np.broadcast_to(np.asarray(values, np.float64), len(X)).copy()


def as_float(step: Step) -> float:
    return math.pi if step.name == "pi" else step.value


def parse(text: str, names: Sequence[str] | None = None) -> Expression:
    """Reads a formula over columns of these names, or over x0, x1, ... Raises InputError saying what cannot be read."""
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"formula {text[:60]!r} is too long: {len(text)} characters")
    try:
        with warnings.catch_warnings():  # Python's opinion on "2(x0)" and the like
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"formula {text[:60]!r} cannot be read: {error}") from None
    columns = {name: k for k, name in enumerate(names)} if names is not None else None
    steps: list[Step] = []
    waiting: list[ast.expr | Step] = [tree]
    try:
        while waiting:
            item = waiting.pop()
            if isinstance(item, Step):
                steps.append(item)
            else:
                waiting += _parts(item, columns, text)
    except OverflowError:
        raise InputError(f"formula {text[:60]!r} holds a number that is too large") from None
    return Expression(tuple(steps))


def _parts(node: ast.expr, columns: dict[str, int] | None, text: str) -> list[ast.expr | Step]:  # noqa: PLR0911 - a row per form
    """A node as its function, below its operands: the last one is taken first."""
    match node:
        case ast.Constant(value=float() | int() as value) if not isinstance(value, bool) and math.isfinite(value):
            return [Step("number", value=float(value), digits=repr(value))]
        case ast.Name(id="pi") if columns is None or "pi" not in columns:
            return [Step("pi")]
        case ast.Name(id=name):
            return [Step("column", column=_column(name, columns, text))]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float() | int() as value)):
            return [Step("number", value=-float(value), digits=repr(-value))]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [Step("neg"), operand]
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            return [Step(_BINARY[type(operator)]), right, left]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if ARITIES.get(name) == len(args):
            return [Step(name), *reversed(args)]
    raise InputError(f"formula {text[:60]!r} holds {ast.unparse(node)[:40]!r}, which has no meaning here")


def _column(name: str, columns: dict[str, int] | None, text: str) -> int:
    if columns is not None and name in columns:
        return columns[name]
    if columns is None and name[:1] == "x" and name[1:].isdecimal():
        return int(name[1:])
    raise InputError(f"formula {text[:60]!r} names a column {name!r} that there is not")
