"""Genomes as LaTeX (amsmath)."""

from collections.abc import Sequence

from vgp.algebra import scaled
from vgp.export.form import ANY, ATOM, POWER, PRODUCT, SUM, UNARY, Form, Language, Piece
from vgp.export.names import name_of
from vgp.export.numbers import number
from vgp.layout import Genome

_FRACTION = UNARY  # reads as one thing in a product, but takes parentheses under a power
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
}


def _function(name: str) -> Form:
    return Form(rf"{name}\left({{}}\right)")


def _comparison(sign: str) -> Form:
    # an Iverson bracket: 1 where it holds, else 0
    return Form(rf"\left[{{}} {sign} {{}}\right]", ATOM, (SUM, SUM), condition=f"{{}} {sign} {{}}")


FORMS = {
    "add": Form("{} + {}", SUM, (SUM, SUM)),
    "sub": Form("{} - {}", SUM, (SUM, PRODUCT)),
    "mul": Form(r"{} \cdot {}", PRODUCT, (PRODUCT, PRODUCT)),
    "div": Form(r"\frac{{{}}}{{{}}}", _FRACTION),
    "neg": Form("-{}", PRODUCT, (PRODUCT,)),
    "aq": Form(r"\frac{{{}}}{{\sqrt{{1 + {}^{{2}}}}}}", _FRACTION, (ANY, ATOM)),
    "pow": Form("{}^{{{}}}", POWER, (ATOM, ANY)),
    "min": Form(r"\min\left({}, {}\right)"),
    "max": Form(r"\max\left({}, {}\right)"),
    "less": _comparison("<"),
    "less_equal": _comparison(r"\le"),
    "greater": _comparison(">"),
    "greater_equal": _comparison(r"\ge"),
    "square": Form("{}^{{2}}", POWER, (ATOM,)),
    "sqrt": Form(r"\sqrt{{{}}}"),
    "exp": Form(r"\mathrm{{e}}^{{{}}}", POWER),  # upright: a column may be called e
    "log": _function(r"\ln"),
    "sin": _function(r"\sin"),
    "cos": _function(r"\cos"),
    "tan": _function(r"\tan"),
    "tanh": _function(r"\tanh"),
    "abs": Form(r"\left|{}\right|"),
    "if": Form(r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}", ANY, wants_condition=True),
}


def symbol(name: str) -> str:
    """A column name as a LaTeX symbol: one letter stays italic, x12 gets an index, anything else is set upright."""
    if len(name) == 1 and name.isalpha():
        return name
    if name[:1].isalpha() and name[1:].isdecimal() and name.isascii():
        return f"{name[0]}_{{{name[1:]}}}"
    return r"\mathrm{" + "".join(_ESCAPES.get(c, c if c.isprintable() else " ") for c in name).replace(" ", r"\ ") + "}"


def to_latex(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
    digits: int | None = None,
) -> str:
    """A LaTeX formula (math mode, amsmath) of intercept + slope * f; constants exact, or with `digits` significant digits.

    Raises GenomeError for a genome that is invalid or has references, InputError if `names` is too short.
    `link`: see vgp.algebra.scaled.
    """

    def constant(value: float) -> Piece:
        text = number(value, digits)
        mantissa, _, exponent = text.partition("e")
        if not exponent:
            return Piece(text, PRODUCT if text.startswith("-") else ATOM)
        return Piece(rf"{mantissa} \times 10^{{{int(exponent)}}}", PRODUCT)

    def variable(column: int) -> Piece:
        text = symbol(name_of(column, names))
        return Piece(text)

    language = Language(FORMS, constant, variable, parentheses=(r"\left(", r"\right)"))
    return language.write(scaled(nodes, slope, intercept, link))
