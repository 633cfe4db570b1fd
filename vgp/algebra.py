"""Light simplification of genomes for display, and the model's slope and intercept written into its formula.

Every rule holds for all real operands and for NaN; what changes is rounding, and the sign of a zero. Rules that do not hold
everywhere are left out on purpose: x - x is not 0 and x/x is not 1 where x is infinite or 0.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from vgp.errors import GenomeError, InputError
from vgp.genome import error_of, index, validate
from vgp.layout import ARITIES, CONSTANT, NAMES, NODE, OPCODES, REFERENCE, VARIABLE, Genome, constant_payload, constant_value

_PERIODIC_LIMIT = 2.0**30
# factors outside these bounds are not merged: their product could over- or underflow where the original does not
_SMALLEST_FACTOR, _LARGEST_FACTOR = 1e-30, 1e30

# how a target follows from intercept + slope * f: itself, or as the probability of class 1
LINKS = ("identity", "logistic")


class Term(NamedTuple):
    """A subtree. `value`: the float of a constant; the column or id otherwise (0 for functions)."""

    op: int
    value: float
    operands: tuple["Term", ...] = ()

    @property
    def name(self) -> str:
        return NAMES[self.op]

    @property
    def is_constant(self) -> bool:
        return self.op == CONSTANT


def constant(value: float) -> Term:
    return Term(CONSTANT, float(value))


def term(name: str, *operands: Term) -> Term:
    return Term(OPCODES[name], 0, operands)


def scaled(nodes: Genome, slope: float, intercept: float, link: str = "identity") -> Genome:
    """The genome of intercept + slope * f, leaving out a slope of 1 and an intercept of 0; a slope of 0 leaves the intercept alone.

    With the link "logistic": of the probability 1/(1 + exp(-(intercept + slope * f))). Raises GenomeError if slope or intercept is
    not finite, InputError for an unknown link.
    """
    if link not in LINKS:
        raise InputError(f"there is no link {link!r}: choose one of {', '.join(LINKS)}")
    return _probability(_explained(nodes, slope, intercept)) if link == "logistic" else _explained(nodes, slope, intercept)


def _explained(nodes: Genome, slope: float, intercept: float) -> Genome:
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        raise GenomeError(f"slope {slope} and intercept {intercept} must be finite", "non_finite_constant")
    if slope == 0:
        return genome_of([(CONSTANT, 0, constant_payload(intercept))])
    before = [(CONSTANT, 0, constant_payload(c)) for c, neutral in ((intercept, 0.0), (slope, 1.0)) if c != neutral]
    after = [(OPCODES[name], 2, 0) for name, c, neutral in (("mul", slope, 1.0), ("add", intercept, 0.0)) if c != neutral]
    return genome_of([*before, *_rows(nodes), *after]) if before else nodes


def _probability(nodes: Genome) -> Genome:
    one = (CONSTANT, 0, constant_payload(1.0))
    after = [(OPCODES[name], ARITIES[OPCODES[name]], 0) for name in ("neg", "exp", "add", "div")]
    return genome_of([one, one, *_rows(nodes), *after])


def _rows(nodes: Genome) -> list[tuple[int, int, int]]:
    return [(op, arity, payload) for op, arity, _, payload in nodes.tolist()]


def simplify(nodes: Genome) -> Genome:
    """An equal genome that reads more easily: constants folded, numeric factors and constant terms merged, signs pulled out,
    x*x as square(x). References stay. Raises GenomeError for an invalid genome.
    """
    validate(nodes)
    stack: list[Term] = []
    for op, arity, _, payload in nodes.tolist():
        operands = tuple(stack[len(stack) - arity :])
        del stack[len(stack) - arity :]
        stack.append(_build(op, payload, operands))
    simple = genome_of(_postfix(stack[0]))
    # a sign pulled out can cost a node, and make the deepest genome too deep
    return simple if len(simple) <= len(nodes) and error_of(simple) == "none" else nodes


def _build(op: int, payload: int, operands: tuple[Term, ...]) -> Term:
    if op == CONSTANT:
        return constant(constant_value(payload))
    if op in (VARIABLE, REFERENCE):
        return Term(op, payload, operands)
    return make(NAMES[op], *operands)


def _postfix(root: Term) -> list[tuple[int, int, int]]:
    backwards, pending = [], [root]
    while pending:
        node = pending.pop()
        payload = constant_payload(node.value) if node.is_constant else int(node.value)
        backwards.append((node.op, len(node.operands), payload))
        pending.extend(node.operands)
    return backwards[::-1]


def genome_of(rows: Sequence[tuple[int, int, int]]) -> Genome:
    """The genome of (opcode, arity, payload) rows."""
    array = np.zeros(len(rows), NODE)
    for field, values in zip(("op", "arity", "payload"), zip(*rows, strict=True), strict=True):
        array[field] = values
    return index(array)


# ---- rules: each takes simplified operands and gives a simplified term ----


def make(name: str, *operands: Term) -> Term:
    """The simplified application of a function to simplified operands."""
    if all(operand.is_constant for operand in operands):
        value = _fold(name, [operand.value for operand in operands])
        if math.isfinite(value):
            return constant(value)
    rule = _RULES.get(name)
    return rule(*operands) if rule else term(name, *operands)


def _periodic(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda a: function(a) if abs(a) <= _PERIODIC_LIMIT else math.nan


_FOLDS: dict[str, Callable[..., float]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "aq": lambda a, b: a / np.sqrt(1.0 + b * b),
    "pow": np.power,
    "min": np.minimum,
    "max": np.maximum,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "neg": np.negative,
    "square": np.square,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "sin": _periodic(np.sin),
    "cos": _periodic(np.cos),
    "tan": _periodic(np.tan),
    "tanh": np.tanh,
    "abs": np.abs,
    "if": lambda c, a, b: a if c > 0 else b,
}


def _fold(name: str, values: list[float]) -> float:
    with np.errstate(all="ignore"):
        return float(_FOLDS[name](*map(np.float64, values)))


def _factor(x: Term) -> tuple[float, Term]:
    """x as number * rest."""
    if x.name == "neg":
        return -1.0, x.operands[0]
    if x.name == "mul" and x.operands[0].is_constant:
        return x.operands[0].value, x.operands[1]
    return 1.0, x


def _times(factor: float, x: Term) -> Term:
    """number * x, where x has no numeric factor of its own."""
    if factor == 1:
        return x
    return _negative(x) if factor == -1 else term("mul", constant(factor), x)


def _mergeable(*factors: float) -> bool:
    return all(_SMALLEST_FACTOR <= abs(factor) <= _LARGEST_FACTOR for factor in factors)


def _offset(x: Term) -> tuple[Term, float]:
    """x as rest + number."""
    if x.name == "add" and x.operands[1].is_constant:
        return x.operands[0], x.operands[1].value
    if x.name == "sub" and x.operands[1].is_constant:
        return x.operands[0], -x.operands[1].value
    if x.name == "sub" and x.operands[0].is_constant:
        return _negative(x.operands[1]), x.operands[0].value
    return x, 0.0


def _plus(x: Term, number: float) -> Term:
    """x + number, where x has no constant term; the sign of each goes into the operator."""
    if number == 0:
        return x
    factor, rest = _factor(x)
    if factor < 0:
        return term("sub", constant(number), _times(-factor, rest))
    return term("sub" if number < 0 else "add", x, constant(abs(number)))


def _negative(x: Term) -> Term:
    if x.is_constant:
        return constant(-x.value)
    if x.name == "sub":
        return make("sub", x.operands[1], x.operands[0])
    factor, rest = _factor(x)
    return term("neg", x) if factor == 1 else _times(-factor, rest)


def _sum(x: Term, y: Term) -> Term:
    (a, c), (b, d) = _offset(x), _offset(y)
    if x.is_constant:
        return _shifted(b, d, x.value)
    if y.is_constant:
        return _shifted(a, c, y.value)
    if math.isfinite(c + d) and c + d != 0:
        return _plus(_pair(a, b), c + d)
    return _pair(x, y)


def _shifted(rest: Term, offset: float, number: float) -> Term:
    """(rest + offset) + number; a factor over a sum is spread: s*(x + c) + k is s*x + (s*c + k)."""
    factor, inner = _factor(rest)
    x, c = _offset(inner)
    total = factor * c + offset + number
    if not math.isfinite(total):
        return term("add", _plus(rest, offset), constant(number))
    if factor != 1 and c != 0:
        own, x = _factor(x)
        if not _mergeable(factor, own):
            return _plus(rest, offset + number)
        return _plus(_times(factor * own, x), total)
    return _plus(rest, offset + number)


def _pair(x: Term, y: Term) -> Term:
    """x + y without constant terms; a negative term becomes a subtraction."""
    (f, a), (g, b) = _factor(x), _factor(y)
    if g < 0:
        return term("sub", x, _times(-g, b))
    return term("sub", y, _times(-f, a)) if f < 0 else term("add", x, y)


def _product(x: Term, y: Term) -> Term:
    (f, a), (g, b) = _split_factor(x), _split_factor(y)
    if not _mergeable(f, g):
        return term("mul", y, x) if y.is_constant else term("mul", x, y)
    if a is None or b is None:
        rest = a or b
        assert rest is not None
        return _times(f * g, rest)
    return _times(f * g, _power_product(a, b))


def _split_factor(x: Term) -> tuple[float, Term | None]:
    return (x.value, None) if x.is_constant else _factor(x)


def _power_product(a: Term, b: Term) -> Term:
    (x, m), (y, n) = _power(a), _power(b)
    return _raised(x, m + n) if x == y else term("mul", a, b)


def _power(x: Term) -> tuple[Term, float]:
    """x as base^n with a whole n >= 1."""
    if x.name == "square":
        return x.operands[0], 2.0
    if x.name == "pow" and x.operands[1].is_constant and x.operands[1].value in range(2, 100):
        return x.operands[0], x.operands[1].value
    return x, 1.0


def _raised(x: Term, exponent: float) -> Term:
    return _square(x) if exponent == 2 else term("pow", x, constant(exponent))


def _quotient(x: Term, y: Term) -> Term:
    (f, a), (g, b) = _split_factor(x), _split_factor(y)
    if not _mergeable(f, g):
        return term("div", x, y)
    if b is None:
        return _times(f / g, a) if a is not None and (f != 1 or abs(g) == 1) else term("div", x, y)
    if a is None:
        return term("div", constant(f / g), b)
    return _times(f / g, term("div", a, b))


def _square(x: Term) -> Term:
    return term("square", x.operands[0] if x.name == "neg" else x)


def _to_the(x: Term, y: Term) -> Term:
    if y.is_constant and y.value == 1:
        return x
    return _square(x) if y.is_constant and y.value == 2 else term("pow", x, y)


def _absolute(x: Term) -> Term:
    if x.name in ("abs", "square"):
        return x
    return term("abs", x.operands[0] if x.name == "neg" else x)


def _select(c: Term, a: Term, b: Term) -> Term:
    if c.is_constant:
        return a if c.value > 0 else b
    return a if a == b else term("if", c, a, b)


_RULES: dict[str, Callable[..., Term]] = {
    "neg": _negative,
    "add": _sum,
    "sub": lambda x, y: _sum(x, _negative(y)),
    "mul": _product,
    "div": _quotient,
    "square": _square,
    "pow": _to_the,
    "abs": _absolute,
    "cos": lambda x: term("cos", x.operands[0] if x.name == "neg" else x),
    "min": lambda x, y: x if x == y else term("min", x, y),
    "max": lambda x, y: x if x == y else term("max", x, y),
    "if": _select,
}

assert set(_FOLDS) == {name for name, op in OPCODES.items() if ARITIES[op] in (1, 2, 3)}
