"""Column names as formulas and programming languages can bear them."""

import json
import keyword
import re
from collections.abc import Sequence

from vgp.errors import InputError
from vgp.layout import VARIABLE, Genome

_C_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict "
    "return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof bool true false nullptr "
    "alignas alignof constexpr thread_local typeof_unqual static_assert main linux unix".split()
)
# names that math.h declares, or that the exported code uses
_TAKEN = re.compile(
    r"(NAN|INFINITY|HUGE_VAL.*|M_.*|FP_.*|MATH_.*|math_.*|DOMAIN|SING|OVERFLOW|UNDERFLOW|PLOSS|TLOSS|X_TLOSS|signgam|np|numpy|jnp|jax|sp|sympy|float|"
    r"(a?(sin|cos|tan)h?|atan2|exp(2|m1|10)?|log(10|1p|2|b)?|pow(10)?|sqrt|cbrt|hypot|erfc?|[lt]?gamma|lgamma_r|fabs|ceil|floor|fmod|trunc|"
    r"l?l?rint|l?l?round(even)?|nearbyint|remainder|remquo|drem|copysign|nan|nextafter|nexttoward|fdim|fma|fmax|fmin|frexp|i?logb|ldexp|modf|"
    r"scalb(l?n)?|significand|finite|is(inf|nan|normal|finite|greater.*|less.*|unordered)|signbit|fpclassify|[jy][01n]|sincos)[fl]?)"
)


def default_name(column: int) -> str:
    """What a column is called when the table's names are not given."""
    return f"x{column}"


def name_of(column: int, names: Sequence[str] | None) -> str:
    """The name of a column. Raises InputError if the list of names is too short for it."""
    if names is None:
        return default_name(column)
    if column >= len(names):
        raise InputError(f"the formula uses column {column}, but there are names for {len(names)} columns only: give all of them")
    return names[column]


def columns_used(nodes: Genome) -> list[int]:
    """The columns that a genome reads, rising."""
    return sorted({int(column) for column in nodes["payload"][nodes["op"] == VARIABLE]})


def identifiers(columns: Sequence[int], names: Sequence[str] | None) -> dict[int, str]:
    """A distinct ASCII identifier for each column, legal in Python and C, as near to its name as can be."""
    result: dict[int, str] = {}
    for column in columns:
        name = re.sub(r"[^A-Za-z0-9_]", "_", name_of(column, names))
        if not name[:1].isalpha():
            name = f"x{name}"
        if keyword.iskeyword(name) or name in _C_KEYWORDS or _TAKEN.fullmatch(name):
            name += "_"
        stem, n = name, 2
        while name in result.values():
            name, n = f"{stem}_{n}", n + 1
        result[column] = name
    return result


def quoted(name: str) -> str:
    """The name as an ASCII string on one line, safe in a comment of any language."""
    return json.dumps(name)
