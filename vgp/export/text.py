"""Genomes as infix text, the notation that vgp.formula reads back."""

import re
from collections.abc import Sequence

from vgp.algebra import scaled, simplify
from vgp.export.form import ATOM, COMPARE, POWER, PRODUCT, SUM, UNARY, Form, Language, Piece, call
from vgp.export.names import name_of
from vgp.export.numbers import number
from vgp.layout import FUNCTIONS, OPCODES, Genome

PLAIN_NAME = re.compile(r"[^\W\d]\w*")

_INFIX = {
    "add": Form("{} + {}", SUM, (SUM, PRODUCT)),
    "sub": Form("{} - {}", SUM, (SUM, PRODUCT)),
    "mul": Form("{}*{}", PRODUCT, (PRODUCT, UNARY)),
    "div": Form("{}/{}", PRODUCT, (PRODUCT, UNARY)),
    "pow": Form("{}^{}", POWER, (ATOM, ATOM)),
    "square": Form("{}^2", POWER, (ATOM,)),
    "neg": Form("-{}", UNARY, (POWER,)),
    "less": Form("{} < {}", COMPARE, (SUM, SUM)),
    "less_equal": Form("{} <= {}", COMPARE, (SUM, SUM)),
    "greater": Form("{} > {}", COMPARE, (SUM, SUM)),
    "greater_equal": Form("{} >= {}", COMPARE, (SUM, SUM)),
}
_EXACT = {name: _INFIX.get(name) or call(name) for name in FUNCTIONS}
# a + (b - c) and a*(b/c) read as well without parentheses; the value is the same up to rounding
_DISPLAY = _EXACT | {"add": Form("{} + {}", SUM, (SUM, SUM)), "mul": Form("{}*{}", PRODUCT, (PRODUCT, PRODUCT))}


def quote(name: str) -> str:
    """A column name as formulas write it: bare if it is a word and no function, else `backquoted`, inner backquotes doubled."""
    if PLAIN_NAME.fullmatch(name) and name not in OPCODES and name not in ("ln", "pi"):
        return name
    return "`" + name.replace("`", "``") + "`"


def _reference(reference: int, operands: list[Piece]) -> Piece:
    return Piece(f"@{reference:016x}" + (f"({', '.join(piece.text for piece in operands)})" if operands else ""))


def _keep_structure(name: str, form: Form, operands: list[Piece]) -> Form:
    if name == "pow" and operands[1].text == "2":
        return call("pow")  # x^2 is square(x)
    if name == "neg" and not operands[0].varies and operands[0].text[0] in "0123456789":
        return Form("-({})", UNARY, form.operands)  # -2 is a constant
    return form


def to_text(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
    digits: int | None = None,
) -> str:
    """intercept + slope * f as infix text with as few parentheses as its meaning allows.

    Without `digits` the text reads back as exactly this genome (vgp.formula.parse). With `digits`, for the eye: lightly simplified,
    constants with that many significant digits, no parentheses that only fix the order of rounding. References are written
    @id(arguments). `link`: see vgp.algebra.scaled. Raises GenomeError for an invalid genome, InputError if `names` is too short.
    """

    def constant(value: float) -> Piece:
        text = number(value, digits)
        return Piece(text, UNARY if text.startswith("-") else ATOM)

    def variable(column: int) -> Piece:
        return Piece(quote(name_of(column, names)))

    whole = scaled(nodes, slope, intercept, link)
    if digits is None:
        return Language(_EXACT, constant, variable, _reference, adjust=_keep_structure).write(whole)
    return Language(_DISPLAY, constant, variable, _reference).write(simplify(whole))
