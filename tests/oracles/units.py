"""The slow, obvious twin of core/units: every constant gets an unknown dimension, every primitive says which linear equations must
hold, and exact elimination over fractions says whether they can be solved. No types, no rules for "any": just algebra.

An expression's exponent of one base dimension is a linear form {unknown: factor, None: number}.
"""

from fractions import Fraction

from vgp.layout import CONSTANT, NAMES, REFERENCE, VARIABLE, constant_value
from vgp.units import EXPONENT_UNIT

ALIKE = ("add", "sub", "min", "max")
COMPARED = ("less", "less_equal", "greater", "greater_equal")
SAME = ("neg", "abs", "aq")
PLAIN = ("exp", "log", "sin", "cos", "tan", "tanh")


class Checker:
    """One genome, all calls written out, on one table."""

    def __init__(self, units, *, free_constants=True):
        self.free = free_constants
        self.columns = [[Fraction(e, EXPONENT_UNIT) for e in row] for row in units.exponents]
        self.n_bases = len(units.bases)
        self.equations = []  # linear forms that must be 0
        self.unknowns = 0

    def zero(self):
        return [{} for _ in range(self.n_bases)]

    def unknown(self):
        made = [{self.unknowns + k: Fraction(1)} for k in range(self.n_bases)]
        self.unknowns += self.n_bases
        return made

    def demand_equal(self, a, b):
        self.equations += [plus(x, y, -1) for x, y in zip(a, b, strict=True)]

    def dimension(self, nodes):
        """The dimension of a plain genome, as linear forms; what must hold is noted."""
        stack = []
        for position, (op, arity, _, payload) in enumerate(nodes.tolist()):
            operands = stack[len(stack) - arity :]
            del stack[len(stack) - arity :]
            values = [d for d, _ in operands]
            literal = None
            if op == CONSTANT:
                literal = position
                d = self.unknown() if self.free else self.zero()
            elif op == VARIABLE:
                d = [{None: e} if e else {} for e in self.columns[payload]]
            else:
                assert op != REFERENCE, "write calls out first"
                exponent = operands[1][1] if arity > 1 else None
                number = None if exponent is None else constant_value(int(nodes["payload"][exponent]))
                d = self.function(NAMES[op], values, number)
            stack.append((d, literal))
        ((root, _),) = stack
        return root

    def function(self, name, x, exponent):
        self.note_equations(name, x, exponent)
        if name in ("mul", "div"):
            return [plus(a, b, 1 if name == "mul" else -1) for a, b in zip(x[0], x[1], strict=True)]
        if name in ("square", "sqrt"):
            return [times(a, Fraction(2) if name == "square" else Fraction(1, 2)) for a in x[0]]
        if name == "pow" and exponent is not None:
            return [times(a, rational(exponent)) for a in x[0]]
        if name in (*ALIKE, *SAME):
            return x[0]
        assert name in (*COMPARED, *PLAIN, "pow", "if")
        return x[1] if name == "if" else self.zero()

    def note_equations(self, name, x, exponent):
        if name in (*ALIKE, *COMPARED):
            self.demand_equal(x[0], x[1])
        if name in PLAIN or (name == "pow" and exponent is None):
            self.demand_equal(x[0], self.zero())
        if name in ("aq", "pow"):
            self.demand_equal(x[1], self.zero())
        if name == "if":
            self.demand_equal(x[1], x[2])


def holds(nodes, units, *, free_constants=True, root=None):
    """Whether the constants of a plain genome can have units that make it consistent and, unless None, of the dimension `root`."""
    checker = Checker(units, free_constants=free_constants)
    found = checker.dimension(nodes)
    if root is not None:
        checker.demand_equal(found, [{None: Fraction(e, EXPONENT_UNIT)} if e else {} for e in root])
    return solvable(checker.equations)


def rational(x):
    """A double that stands for a simple fraction, as the core takes it (1/3 is not exactly a third)."""
    near = Fraction(x).limit_denominator(1000)
    return near if abs(Fraction(x) - near) < Fraction(1, 10**12) else Fraction(x)


def plus(a, b, sign):
    out = dict(a)
    for key, value in b.items():
        out[key] = out.get(key, Fraction(0)) + sign * value
    return {key: value for key, value in out.items() if value}


def times(a, factor):
    return {key: value * factor for key, value in a.items() if factor}


def solvable(equations):
    """Gauss, exactly: no equation may come to "a number that is not 0 is 0"."""
    rows = [row for row in equations if row]
    while rows:
        row = rows.pop()
        keys = [key for key in row if key is not None]
        if not keys:
            return False
        pivot = keys[0]
        solved = times(row, -1 / row[pivot])  # pivot = the rest
        rest = {key: value for key, value in solved.items() if key != pivot}
        rows = [plus({k: v for k, v in r.items() if k != pivot}, times(rest, r[pivot]), 1) if pivot in r else r for r in rows]
        rows = [r for r in rows if r]
    return True
