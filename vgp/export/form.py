"""How a genome becomes text: one table of forms per language, one walk for all of them.

A form says how a function is written around its operands and how tightly it binds; parentheses follow from that alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vgp.errors import GenomeError
from vgp.genome import validate
from vgp.layout import CONSTANT, NAMES, REFERENCE, VARIABLE, Genome, constant_value

# How tightly an expression binds.
ANY, COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(7)


class Form(NamedTuple):
    """`template` with one {} per operand; the precedence of the whole; the least precedence of each operand without parentheses.

    `condition`: how a comparison is written where a truth value is wanted. `wants_condition`: the first operand is such a place.
    `repeated`: operands that the template writes more than once; unless they are a name or a number they become steps of their own,
    or the text would double with every level.
    """

    template: str
    precedence: int = ATOM
    operands: tuple[int, ...] = (ANY, ANY, ANY)
    condition: str | None = None
    wants_condition: bool = False
    repeated: tuple[int, ...] = ()


class Piece(NamedTuple):
    """A written subtree. `varies`: it depends on a variable. `height`: how deep it nests in the text."""

    text: str
    precedence: int = ATOM
    varies: bool = True
    height: int = 1
    condition: str | None = None


@dataclass
class Language:
    """What a language writes for functions, constants, variables and, if it can at all, references.

    `assign` (optional) names a subtree that nests deeper than `max_height` and returns the name: compilers limit nesting.
    """

    forms: Mapping[str, Form]
    constant: Callable[[float], Piece]
    variable: Callable[[int], Piece]
    reference: Callable[[int, list[Piece]], Piece] | None = None
    adjust: Callable[[str, Form, list[Piece]], Form] = field(default=lambda name, form, operands: form)
    assign: Callable[[str], str] | None = None
    parentheses: tuple[str, str] = ("(", ")")
    positive: str = "{} > 0"
    minus: str = "-"  # how a text with a sign begins
    max_height: int = 40

    def write(self, nodes: Genome) -> str:
        """The text of a valid genome. Raises GenomeError for one that is not, or that has references the language cannot write."""
        validate(nodes)
        stack: list[Piece] = []
        for op, arity, _, payload in nodes.tolist():
            operands = stack[len(stack) - arity :]
            del stack[len(stack) - arity :]
            stack.append(self._node(op, payload, operands))
        return stack[0].text

    def _node(self, op: int, payload: int, operands: list[Piece]) -> Piece:
        if op == CONSTANT:
            return self.constant(constant_value(payload))._replace(varies=False)
        if op == VARIABLE:
            return self.variable(payload)
        if op == REFERENCE:
            if self.reference is None:
                raise GenomeError("the organism calls others: flatten it before it is exported", "missing_reference")
            return self.reference(payload, operands)
        return self._function(NAMES[op], operands)

    def _function(self, name: str, operands: list[Piece]) -> Piece:
        form = self.adjust(name, self.forms[name], operands)
        operands = [self._written_once(piece) if self._is_repeated(form, k, piece) else piece for k, piece in enumerate(operands)]
        texts = [self._operand(form, k, piece) for k, piece in enumerate(operands)]
        height = 1 + max(piece.height for piece in operands)
        condition = form.condition.format(*texts) if form.condition else None
        piece = Piece(form.template.format(*texts), form.precedence, any(p.varies for p in operands), height, condition)
        if self.assign is None or height < self.max_height:
            return piece
        return self._written_once(piece)

    def _is_repeated(self, form: Form, k: int, piece: Piece) -> bool:
        return k in form.repeated and piece.height > 1 and not (form.wants_condition and piece.condition)

    def _written_once(self, piece: Piece) -> Piece:
        assert self.assign is not None
        return Piece(self.assign(piece.text), ATOM, piece.varies)

    def _operand(self, form: Form, k: int, piece: Piece) -> str:
        least = form.operands[k]
        if form.wants_condition and k == 0:
            return piece.condition or self.positive.format(self.parenthesised(piece, SUM))
        # an operand behind an operator must not begin with a sign of its own
        signed = k > 0 and least > ANY and piece.text.startswith(self.minus)
        return self.parenthesised(piece, ATOM + 1 if signed else least)

    def parenthesised(self, piece: Piece, least: int) -> str:
        """The text of a piece, in parentheses if it binds less tightly than `least`."""
        return piece.text if piece.precedence >= least else piece.text.join(self.parentheses)


def call(name: str) -> Form:
    """The form of a plain function call with as many operands as there are, at most three."""
    arity = {"if": 3, "aq": 2, "pow": 2, "min": 2, "max": 2}.get(name, 1)
    return Form(f"{name}({', '.join(['{}'] * arity)})")
