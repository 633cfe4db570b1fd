"""Genomes as a self-contained C99 function on doubles."""

from collections.abc import Sequence

from vgp.algebra import scaled
from vgp.export.form import ATOM, COMPARE, POWER, PRODUCT, SUM, UNARY, Form, Language
from vgp.export.names import quoted
from vgp.export.program import check_identifier, constant, describe_arguments, program_of
from vgp.export.text import to_text
from vgp.layout import Genome


def _comparison(sign: str) -> Form:
    return Form(f"({{}} {sign} {{}} ? 1.0 : 0.0)", ATOM, (SUM, SUM), condition=f"{{}} {sign} {{}}")


FORMS = {
    "add": Form("{} + {}", SUM, (SUM, PRODUCT)),
    "sub": Form("{} - {}", SUM, (SUM, PRODUCT)),
    "mul": Form("{} * {}", PRODUCT, (PRODUCT, UNARY)),
    "div": Form("{} / {}", PRODUCT, (PRODUCT, UNARY)),
    "neg": Form("-{}", UNARY, (POWER,)),
    "aq": Form("_aq({}, {})"),
    "pow": Form("pow({}, {})"),
    "min": Form("_min({}, {})"),
    "max": Form("_max({}, {})"),
    "less": _comparison("<"),
    "less_equal": _comparison("<="),
    "greater": _comparison(">"),
    "greater_equal": _comparison(">="),
    "square": Form("_square({})"),
    "sqrt": Form("sqrt({})"),
    "exp": Form("exp({})"),
    "log": Form("log({})"),
    "sin": Form("_sin({})"),
    "cos": Form("_cos({})"),
    "tan": Form("_tan({})"),
    "tanh": Form("tanh({})"),
    "abs": Form("fabs({})"),
    "if": Form("({} ? {} : {})", ATOM, (COMPARE, SUM, SUM), wants_condition=True),
}

_EXTREME = "static double _{0}(double a, double b) {{ return a != a || b != b ? NAN : a {1} b ? a : b; }}"
_PERIODIC = "static double _{0}(double a) {{ return fabs(a) <= 0x1p30 ? {0}(a) : NAN; }} /* beyond 2^30 a phase means nothing */"

HELPERS = {
    "aq": "static double _aq(double a, double b) { return a / sqrt(1.0 + b * b); } /* analytic quotient */",
    "min": _EXTREME.format("min", "<"),
    "max": _EXTREME.format("max", ">"),
    "square": "static double _square(double a) { return a * a; }",
    "sin": _PERIODIC.format("sin"),
    "cos": _PERIODIC.format("cos"),
    "tan": _PERIODIC.format("tan"),
}


def to_c(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
    function: str = "predict",
) -> str:
    """C99 source that needs math.h only: a function of the columns used, in the table's order, computing intercept + slope * f.

    Compile without -ffast-math: undefined values are NaN or infinite. Raises GenomeError for a genome that is invalid or has
    references, InputError if `names` is too short. `link`: see vgp.algebra.scaled.
    """
    check_identifier(function)
    whole = scaled(nodes, slope, intercept, link)
    program = program_of(whole, names, HELPERS)
    result = Language(FORMS, constant, program.variable, assign=program.assign).write(whole)
    arguments = ", ".join(f"double {name}" for name in program.arguments.values()) or "void"
    head = ["// " + quoted(to_text(whole, names)), "#include <math.h>", ""]
    comments = [f"// {line}" for line in describe_arguments(program, names)]
    body = [f"    const double {name} = {text};" for name, text in program.steps]
    helpers = [*program.helpers, ""] if program.helpers else []
    return "\n".join([*head, *helpers, *comments, f"double {function}({arguments}) {{", *body, f"    return {result};", "}", ""])
