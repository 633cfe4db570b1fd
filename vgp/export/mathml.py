"""Genomes as MathML Core (W3C), which browsers typeset by themselves.

A text is a row of elements: what binds less tightly stands between parentheses, and where MathML takes one element a row of them is
wrapped.
"""

from collections.abc import Sequence
from html import escape

from vgp.algebra import scaled
from vgp.export.form import ANY, ATOM, POWER, PRODUCT, SUM, UNARY, Form, Language, Piece
from vgp.export.names import name_of
from vgp.export.numbers import number
from vgp.layout import Genome

_FRACTION = UNARY  # reads as one thing in a product, but takes parentheses under a power
_MINUS = '<mo form="prefix">−</mo>'
_OPEN, _CLOSE = '<mo form="prefix" stretchy="true">(</mo>', '<mo form="postfix" stretchy="true">)</mo>'


def _operator(sign: str) -> str:
    return f'<mo form="infix">{sign}</mo>'


def _function(name: str, arguments: str = "{}") -> Form:
    return Form(f"<mrow><mi>{name}</mi><mo>&#x2061;</mo>{_OPEN}{arguments}{_CLOSE}</mrow>")


def _comparison(sign: str) -> Form:
    # an Iverson bracket: 1 where it holds, else 0
    inside = f"{{}}{_operator(sign)}{{}}"
    return Form(f'<mrow><mo form="prefix">[</mo>{inside}<mo form="postfix">]</mo></mrow>', ATOM, (SUM, SUM), condition=inside)


def _row(content: str) -> str:
    return f"<mrow>{content}</mrow>"


_SQUARED = f"<msup>{_row('{}')}<mn>2</mn></msup>"
_TWO = "{}<mo separator=\"true\">,</mo>{}"

FORMS = {
    "add": Form(f"{{}}{_operator('+')}{{}}", SUM, (SUM, SUM)),
    "sub": Form(f"{{}}{_operator('−')}{{}}", SUM, (SUM, PRODUCT)),
    "mul": Form(f"{{}}{_operator('⋅')}{{}}", PRODUCT, (PRODUCT, PRODUCT)),
    "div": Form(f"<mfrac>{_row('{}')}{_row('{}')}</mfrac>", _FRACTION),
    "neg": Form(f"{_MINUS}{{}}", PRODUCT, (PRODUCT,)),
    "aq": Form(
        f"<mfrac>{_row('{}')}<msqrt><mn>1</mn>{_operator('+')}{_SQUARED}</msqrt></mfrac>", _FRACTION, (ANY, ATOM)
    ),
    "pow": Form(f"<msup>{_row('{}')}{_row('{}')}</msup>", POWER, (ATOM, ANY)),
    "min": _function("min", _TWO),
    "max": _function("max", _TWO),
    "less": _comparison("&lt;"),
    "less_equal": _comparison("≤"),
    "greater": _comparison("&gt;"),
    "greater_equal": _comparison("≥"),
    "square": Form(_SQUARED, POWER, (ATOM,)),
    "sqrt": Form("<msqrt>{}</msqrt>"),
    "exp": Form(f"<msup><mi mathvariant=\"normal\">e</mi>{_row('{}')}</msup>", POWER),  # upright: a column may be called e
    "log": _function("ln"),
    "sin": _function("sin"),
    "cos": _function("cos"),
    "tan": _function("tan"),
    "tanh": _function("tanh"),
    "abs": Form('<mrow><mo form="prefix" stretchy="true">|</mo>{}<mo form="postfix" stretchy="true">|</mo></mrow>'),
    "if": Form(
        '<mrow><mo form="prefix" stretchy="true">{{</mo><mtable><mtr><mtd>{1}</mtd><mtd>{0}</mtd></mtr>'
        "<mtr><mtd>{2}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
        ANY,
        wants_condition=True,
    ),
}


def symbol(name: str) -> str:
    """A column name as one element: one letter stays italic, x12 gets an index, anything else is upright."""
    if name[:1].isalpha() and name[1:].isdecimal() and name.isascii():
        return f"<msub><mi>{name[0]}</mi><mn>{name[1:]}</mn></msub>"
    return f"<mi>{escape(''.join(c if c.isprintable() else '�' for c in name))}</mi>"


def to_mathml(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    digits: int | None = None,
    link: str = "identity",
    target: str | None = None,
) -> str:
    """A MathML element of intercept + slope * f, or of the equation target = ...; constants exact, or with `digits` digits. `link`:
    see vgp.algebra.scaled.

    Column names are text in it, whatever they hold. Raises GenomeError for a genome that is invalid or has references, InputError
    if `names` is too short.
    """

    def constant(value: float) -> Piece:
        mantissa, _, exponent = number(value, digits).partition("e")
        text = _signed(mantissa)
        if not exponent:
            return Piece(text, PRODUCT if value < 0 or mantissa.startswith("-") else ATOM)
        return Piece(f"{text}{_operator('×')}<msup><mn>10</mn>{_row(_signed(str(int(exponent))))}</msup>", PRODUCT)

    def variable(column: int) -> Piece:
        return Piece(symbol(name_of(column, names)))

    language = Language(
        FORMS, constant, variable, parentheses=(f"<mrow>{_OPEN}", f"{_CLOSE}</mrow>"),
        positive=f"{{}}{_operator('&gt;')}<mn>0</mn>", minus=_MINUS,
    )  # fmt: skip
    row = language.write(scaled(nodes, slope, intercept, link))
    left = "" if target is None else symbol(target) + _operator("=")
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{_row(left + row)}</math>'


def _signed(digits: str) -> str:
    return f"{_MINUS}<mn>{digits[1:]}</mn>" if digits.startswith("-") else f"<mn>{digits}</mn>"
