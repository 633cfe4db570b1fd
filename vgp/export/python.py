"""Genomes as a self-contained Python function on NumPy arrays, in float64."""

from collections.abc import Sequence

from vgp.algebra import scaled
from vgp.export.form import ATOM, POWER, PRODUCT, SUM, UNARY, Form, Language, Piece
from vgp.export.names import quoted
from vgp.export.program import check_identifier, constant, describe_arguments, program_of
from vgp.export.text import to_text
from vgp.layout import Genome


def _comparison(sign: str) -> Form:
    return Form(f"np.where({{}} {sign} {{}}, 1.0, 0.0)", ATOM, (SUM, SUM), condition=f"{{}} {sign} {{}}")


FORMS = {
    "add": Form("{} + {}", SUM, (SUM, PRODUCT)),
    "sub": Form("{} - {}", SUM, (SUM, PRODUCT)),
    "mul": Form("{} * {}", PRODUCT, (PRODUCT, UNARY)),
    "div": Form("{} / {}", PRODUCT, (PRODUCT, UNARY)),
    "neg": Form("-{}", UNARY, (POWER,)),
    "aq": Form("_aq({}, {})"),
    "pow": Form("np.float_power({}, {})"),  # np.power takes the square root for 0.5, which is not IEEE 754
    "min": Form("np.minimum({}, {})"),
    "max": Form("np.maximum({}, {})"),
    "less": _comparison("<"),
    "less_equal": _comparison("<="),
    "greater": _comparison(">"),
    "greater_equal": _comparison(">="),
    "square": Form("np.square({})"),
    "sqrt": Form("np.sqrt({})"),
    "exp": Form("np.exp({})"),
    "log": Form("np.log({})"),
    "sin": Form("_sin({})"),
    "cos": Form("_cos({})"),
    "tan": Form("_tan({})"),
    "tanh": Form("np.tanh({})"),
    "abs": Form("np.abs({})"),
    "if": Form("np.where({}, {}, {})", wants_condition=True),
}

_PERIODIC = """def _{0}(a):  # beyond 2^30 a phase means nothing
    return np.where(np.abs(a) <= 2.0**30, np.{0}(a), np.nan)"""

HELPERS = {
    "aq": """def _aq(a, b):  # analytic quotient
    return a / np.sqrt(1.0 + np.square(b))""",
    "sin": _PERIODIC.format("sin"),
    "cos": _PERIODIC.format("cos"),
    "tan": _PERIODIC.format("tan"),
}


def adjust(name: str, form: Form, operands: list[Piece]) -> Form:
    """Quotients of numbers."""
    # Python itself, unlike NumPy, raises an error for 1.0 / 0.0
    if name == "div" and not any(piece.varies for piece in operands):
        return Form("np.divide({}, {})")
    return form


def to_python(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
    function: str = "predict",
) -> str:
    """Python source that needs NumPy only: a function of the columns used, in the table's order, computing intercept + slope * f.

    Arrays of any one shape in, float64 out; undefined values are NaN or infinite, without warnings. Raises GenomeError for a genome
    that is invalid or has references, InputError if `names` is too short. `link`: see vgp.algebra.scaled.
    """
    check_identifier(function)
    whole = scaled(nodes, slope, intercept, link)
    program = program_of(whole, names, HELPERS)
    result = Language(FORMS, constant, program.variable, adjust=adjust, assign=program.assign).write(whole)
    arguments = list(program.arguments.values())
    body = [f"    {name} = np.asarray({name}, dtype=np.float64)" for name in arguments]
    body.append('    with np.errstate(all="ignore"):')
    body += [f"        {name} = {text}" for name, text in program.steps]
    body.append(f"        return {result}")
    head = ["# " + quoted(to_text(whole, names)), "import numpy as np"]
    helpers = [line for helper in program.helpers for line in ("", "", *helper.split("\n"))]
    comments = [f"    # {line}" for line in describe_arguments(program, names)]
    return "\n".join([*head, *helpers, "", "", f"def {function}({', '.join(arguments)}):", *comments, *body, ""])
