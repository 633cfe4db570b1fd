"""Reads the LaTeX that vgp.export.latex writes, one-letter columns only, so that a test can compute with it."""

import re

from vgp.formula import parse
from vgp.layout import Genome

_TOKEN = re.compile(
    r"\s*(\\times 10|\\left[\[|(]|\\right[\]|)]|\\begin\{cases\}|\\end\{cases\}|\\text\{otherwise\}|\\\\|\\[a-z]+|[\d.]+|\S)"
)
_FUNCTIONS = {r"\ln": "log", **{rf"\{name}": name for name in ("sin", "cos", "tan", "tanh", "min", "max")}}
_OPERATORS = {r"\cdot": "*", r"\le": "<=", r"\ge": ">=", "+": "+", "-": "-", "<": "<", ">": ">"}


class _Reader:
    """Translates to infix text: what a human reader does, token by token."""

    def __init__(self, latex: str, columns: str):
        self.tokens, self.columns = _TOKEN.findall(latex), columns

    def take(self, expected: str | None = None) -> str:
        token = self.tokens.pop(0)
        assert expected in (None, token), f"{expected} expected, {token} found"
        return token

    def until(self, *ends: str) -> str:
        text = ""
        while self.tokens and self.tokens[0] not in ends:
            text += self.item()
        return text

    def group(self) -> str:
        self.take("{")
        text = self.until("}")
        self.take("}")
        return f"({text})"

    def item(self) -> str:  # noqa: PLR0911 (one line per notation)
        token = self.take()
        if token in _OPERATORS:
            return f" {_OPERATORS[token]} "
        if token == r"\times 10":
            self.take("^")
            return f"*10^{self.group()}"
        if token == "^":
            exponent = self.group()
            return "^2" if exponent == "(2)" else f"^{exponent}"
        if token == r"\mathrm":
            assert [self.take() for _ in range(4)] == ["{", "e", "}", "^"]
            return f"exp{self.group()}"
        if token == r"\frac":
            return f"({self.group()}/{self.group()})"
        if token == r"\sqrt":
            return f"sqrt{self.group()}"
        if token in _FUNCTIONS:
            return _FUNCTIONS[token]
        return self.bracket(token) if token.startswith("\\") else self.plain(token)

    def bracket(self, token: str) -> str:
        if token == r"\begin{cases}":
            yes = self.until("&")
            self.take("&")
            condition = self.until(r"\\")
            self.take(r"\\")
            no = self.until("&")
            assert [self.take() for _ in range(3)] == ["&", r"\text{otherwise}", r"\end{cases}"]
            return f"if({condition}, {yes}, {no})"
        close = {r"\left(": r"\right)", r"\left[": r"\right]", r"\left|": r"\right|"}[token]
        inner = self.until(close)
        self.take(close)
        return f"abs({inner})" if token == r"\left|" else f"({inner})"

    def plain(self, token: str) -> str:
        assert token in self.columns or token == "," or re.fullmatch(r"[\d.]+", token), token
        return f"x{self.columns.index(token)}" if token in self.columns else token


def read_latex(latex: str, columns: str) -> Genome:
    """The genome of a LaTeX formula whose columns are the letters of `columns`."""
    reader = _Reader(latex, columns)
    text = reader.until()
    assert not reader.tokens
    return parse(text)
