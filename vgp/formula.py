"""Reads formulas typed by users: "2.5*a*sqrt(a) + if(x > 0, 1, `odd name`)".

Operators by rising precedence: comparisons (do not chain), + -, * /, unary -, ^ or ** (to the right). x^2 is square(x).
All functions of the primitive set are called by name; ln is log, pi is the number unless a column bears the name.
@<id>(...) calls an organism.
"""

import difflib
import math
import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

import numpy as np

from vgp.errors import FormulaError, GenomeError
from vgp.genome import index, validate
from vgp.layout import (
    ARITIES,
    CONSTANT,
    FUNCTIONS,
    MAX_ARGUMENTS,
    MAX_NODES,
    MAX_VARIABLES,
    NODE,
    OPCODES,
    REFERENCE,
    VARIABLE,
    Genome,
    constant_payload,
)

_TOKEN = re.compile(
    r"(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|`(?P<quoted>(?:[^`]|``)*)`"
    r"|@(?P<id>[0-9a-fA-F]{1,16})|(?P<symbol>\*\*|<=|>=|[-+*/^<>(),])|(?P<end>\Z))"
)
_ALIASES = {"ln": "log"}


class Operator(NamedTuple):
    name: str
    precedence: int
    to_the_right: bool = False


_BINARY = {
    "<": Operator("less", 1),
    "<=": Operator("less_equal", 1),
    ">": Operator("greater", 1),
    ">=": Operator("greater_equal", 1),
    "+": Operator("add", 2),
    "-": Operator("sub", 2),
    "*": Operator("mul", 3),
    "/": Operator("div", 3),
    "^": Operator("pow", 5, to_the_right=True),
    "**": Operator("pow", 5, to_the_right=True),
}
_NEGATIVE = Operator("neg", 4)


class Token(NamedTuple):
    kind: str
    text: str
    position: int


class Open(NamedTuple):
    """An open parenthesis: of a call (opcode, name or id) or, with opcode -1, of a group."""

    opcode: int
    name: str
    position: int
    payload: int = 0
    operands: int = 1


def parse(text: str, names: Sequence[str] | None = None, *, max_nodes: int = MAX_NODES) -> Genome:
    """The genome of an infix formula.

    `names`: the table's columns, in order; without it columns are x0, x1, ... Raises FormulaError, naming the position (the first
    character is 1), if the formula cannot be read, names no such column, or is too long or deep.
    """
    nodes = _Parser(text, names).run()
    if len(nodes) > max_nodes:
        raise FormulaError(f"formula {_shown(text)}: {len(nodes)} nodes are more than the limit of {max_nodes}")
    array = np.zeros(len(nodes), NODE)
    for field, values in zip(("op", "arity", "payload"), zip(*nodes, strict=True), strict=True):
        array[field] = values
    try:
        genome = index(array)
        validate(genome)
    except GenomeError as error:
        raise FormulaError(f"formula {_shown(text)}: {error}") from error
    return genome


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return f'"{line if len(line) <= 60 else line[:57] + "..."}"'


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind != "end":
        at += len(text[at:]) - len(text[at:].lstrip())
        match = _TOKEN.match(text, at)
        if match is None:
            what = "a backquote that is not closed" if text[at] == "`" else f"unexpected {text[at]!r}"
            raise FormulaError(f"formula {_shown(text)}, position {at + 1}: {what}")
        kind = match.lastgroup or "end"
        tokens.append(Token(kind, match[kind], at))
        at = match.end()
    return tokens


class _Parser:
    """Operator precedence with stacks of its own (Dijkstra 1961): the text's nesting never nests Python calls."""

    def __init__(self, text: str, names: Sequence[str] | None):
        self.text, self.names = text, names
        self.columns = None if names is None else {name: i for i, name in enumerate(names)}
        self.tokens = _tokens(text)
        self.at = 0
        self.nodes: list[tuple[int, int, int]] = []  # op, arity, payload
        self.pending: list[Operator | Open] = []

    def run(self) -> list[tuple[int, int, int]]:
        self.operand()
        while self.tokens[self.at - 1].kind != "end":
            self.operator()
        return self.nodes

    def fail(self, what: str, token: Token) -> NoReturn:
        on_a_line = " ".join(what.split())  # names may hold line ends
        raise FormulaError(f"formula {_shown(self.text)}, position {token.position + 1}: {on_a_line}")

    def next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def next_is(self, *symbols: str, ahead: int = 0) -> bool:
        token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return token.kind == "symbol" and token.text in symbols

    # ---- where an operand must come ----

    def operand(self) -> None:
        """Reads signs and open parentheses up to and including the operand behind them."""
        while True:
            token = self.next()
            if token.kind == "symbol" and token.text in "+-(":
                if self.prefix(token):
                    return
            elif token.kind == "name" and self.next_is("("):
                self.function(token)
            elif token.kind == "id" and self.next_is("("):
                self.open(Open(REFERENCE, f"@{token.text}", token.position, self.organism(token)))
            else:
                return self.terminal(token)

    def prefix(self, token: Token) -> bool:
        """A sign or a group; True if the sign belonged to a number: -2 is a constant, but -2^x is -(2^x)."""
        if token.text == "(":
            self.pending.append(Open(-1, "", token.position))
        elif token.text == "-":
            if self.tokens[self.at].kind == "number" and not self.next_is("^", "**", ahead=1):
                self.number(self.next(), -1.0)
                return True
            self.pending.append(_NEGATIVE)
        return False

    def function(self, token: Token) -> None:
        name = _ALIASES.get(token.text, token.text)
        if name not in FUNCTIONS:
            near = difflib.get_close_matches(name, FUNCTIONS, 1)
            hint = f"did you mean {near[0]}?" if near else f"functions are {', '.join(FUNCTIONS)}"
            self.fail(f"there is no function {token.text}; {hint}", token)
        self.open(Open(OPCODES[name], name, token.position))

    def open(self, opened: Open) -> None:
        self.next()
        self.pending.append(opened)

    def terminal(self, token: Token) -> None:
        if token.kind == "number":
            self.number(token, 1.0)
        elif token.kind == "name" and token.text == "pi" and "pi" not in (self.columns or ()):
            self.emit(CONSTANT, 0, constant_payload(math.pi))
        elif token.kind == "name":
            self.column(token, token.text)
        elif token.kind == "quoted":
            self.column(token, token.text.replace("``", "`"))
        elif token.kind == "id":
            self.emit(REFERENCE, 0, self.organism(token))
        else:
            before = "the end" if token.kind == "end" else f'"{token.text}"'
            self.fail(f"a number, a column or a function is missing before {before}", token)

    def number(self, token: Token, sign: float) -> None:
        value = float(token.text)
        if math.isinf(value):
            self.fail(f"{token.text} is too large for a number", token)
        self.emit(CONSTANT, 0, constant_payload(sign * value))

    def column(self, token: Token, name: str) -> None:
        if self.columns is not None:
            column = self.columns.get(name, -1)
        else:
            column = int(name[1:]) if re.fullmatch(r"x(0|[1-9][0-9]{0,4})", name) else -1
        if not 0 <= column < MAX_VARIABLES:
            known = list(self.columns) if self.columns is not None else ["x0", "x1", "..."]
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"columns are {', '.join(known[:8])}"
            self.fail(f"there is no column {name}; {hint}", token)
        self.emit(VARIABLE, 0, column)

    def organism(self, token: Token) -> int:
        reference = int(token.text, 16)
        if reference == 0:
            self.fail("0 is no organism's id", token)
        return reference

    # ---- where an operator must come ----

    def operator(self) -> None:
        """Reads what follows an operand and, unless that closes something, the next operand."""
        token = self.next()
        if token.kind == "end":
            self.end()
        elif token.kind != "symbol" or token.text == "(":
            self.fail(f'an operator is missing before "{token.text}"', token)
        elif token.text == ")":
            self.close(token)
        else:
            if token.text == ",":
                self.comma(token)
            else:
                self.binary(_BINARY[token.text], token)
            self.operand()

    def binary(self, operator: Operator, token: Token) -> None:
        compared = self.reduce(operator.precedence + operator.to_the_right)
        if compared and operator.precedence == 1:
            self.fail("comparisons do not chain: put parentheses", token)
        self.pending.append(operator)

    def reduce(self, precedence: int) -> bool:
        """Applies the pending operators that bind at least as tightly as `precedence`; True if a comparison was among them."""
        compared = False
        while self.pending and isinstance(self.pending[-1], Operator) and self.pending[-1].precedence >= precedence:
            operator = self.pending[-1]
            self.pending.pop()
            compared = compared or operator.precedence == 1
            self.apply(operator.name)
        return compared

    def apply(self, name: str) -> None:
        if name == "pow" and self.nodes[-1] == (CONSTANT, 0, constant_payload(2.0)):
            self.nodes.pop()
            name = "square"
        self.emit(OPCODES[name], ARITIES[OPCODES[name]], 0)

    def comma(self, token: Token) -> None:
        self.reduce(0)
        opened = self.pending[-1] if self.pending else None
        if not isinstance(opened, Open) or opened.opcode < 0:
            self.fail("a comma stands between the operands of a function only", token)
        self.pending[-1] = opened._replace(operands=opened.operands + 1)

    def close(self, token: Token) -> None:
        self.reduce(0)
        opened = self.pending.pop() if self.pending else None
        if not isinstance(opened, Open):
            self.fail('this ")" closes nothing', token)
        if opened.opcode < 0:
            return
        arity = min(opened.operands, MAX_ARGUMENTS) if opened.opcode == REFERENCE else ARITIES[opened.opcode]
        if opened.operands != arity:
            self.fail(f"{opened.name} takes {arity} operand{'s' * (arity != 1)}, not {opened.operands}", token)
        self.emit(opened.opcode, arity, opened.payload)

    def end(self) -> None:
        self.reduce(0)
        if self.pending:
            opened = self.pending[-1]
            assert isinstance(opened, Open)
            self.fail(f'the parenthesis of {opened.name or "this group"} is not closed', Token("", "", opened.position))

    def emit(self, op: int, arity: int, payload: int) -> None:
        self.nodes.append((op, arity, payload))
