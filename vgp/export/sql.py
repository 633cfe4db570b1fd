"""Genomes as a scalar SQL expression in double precision, for DuckDB and SQLite.

Both are asked for the values of IEEE 754 where they would give others. DuckDB has NaN and infinities, and orders NaN above all
numbers; SQLite has infinities, and NULL stands for NaN. What a function needs twice, or what nests too deep for SQLite's parser,
is a step: a common table expression of one row. Steps are materialized, or SQLite would compute each as often as it is named.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vgp.algebra import scaled
from vgp.errors import InputError
from vgp.export.form import ATOM, POWER, PRODUCT, SUM, UNARY, Form, Language, Piece
from vgp.export.names import columns_used, name_of
from vgp.layout import NAMES, Genome

_LIMIT = "1073741824.0e0"  # 2^30, beyond which a phase means nothing
_INFINITY = "9e999"  # of SQLite; read as infinite since its first version
_NAN = "CAST('nan' AS DOUBLE)"


def _case(condition: str, yes: str, no: str | None, repeated: tuple[int, ...] = (0,)) -> Form:
    otherwise = "" if no is None else f" ELSE {no}"
    return Form(f"CASE WHEN {condition} THEN {yes}{otherwise} END", ATOM, (SUM, SUM, SUM), repeated=repeated)


def _comparison(condition: str, repeated: tuple[int, ...] = ()) -> Form:
    whole = f"CASE WHEN {condition} THEN 1.0e0 ELSE 0.0e0 END"
    return Form(whole, ATOM, (SUM, SUM), condition=condition, repeated=repeated)


_SHARED = {
    "add": Form("{} + {}", SUM, (SUM, PRODUCT)),
    "sub": Form("{} - {}", SUM, (SUM, PRODUCT)),
    "mul": Form("{} * {}", PRODUCT, (PRODUCT, UNARY)),
    "div": Form("{} / {}", PRODUCT, (PRODUCT, UNARY)),
    "neg": Form("-{}", UNARY, (POWER,)),  # a second sign would begin a comment
    "aq": Form("{} / sqrt(1.0e0 + pow({}, 2.0e0))", PRODUCT, (PRODUCT, SUM)),
    "pow": Form("pow({}, {})"),
    "max": Form("greatest({}, {})"),
    "less": _comparison("{0} < {1} AND NOT isnan({1})", (1,)),
    "less_equal": _comparison("{0} <= {1} AND NOT isnan({1})", (1,)),
    "greater": _comparison("{0} > {1} AND NOT isnan({0})", (0,)),
    "greater_equal": _comparison("{0} >= {1} AND NOT isnan({0})", (0,)),
    "square": Form("pow({}, 2.0e0)"),
    **{name: Form(f"{name}({{}})") for name in ("sqrt", "exp", "tanh", "abs")},
    "log": Form("ln({})"),
    **{name: _case(f"abs({{0}}) <= {_LIMIT}", f"{name}({{0}})", _NAN) for name in ("sin", "cos", "tan")},
    "if": Form("CASE WHEN {} THEN {} ELSE {} END", ATOM, wants_condition=True, repeated=(0,)),
}
_DUCKDB = _SHARED | {"min": Form("-greatest(-{}, -{})", UNARY, (POWER, POWER))}  # least(NaN, 1) is 1
_SQLITE = _SHARED | {
    "min": Form("min({}, {})"),
    "max": Form("max({}, {})"),
    **{name: _comparison(f"{{}} {sign} {{}}") for name, sign in
       (("less", "<"), ("less_equal", "<="), ("greater", ">"), ("greater_equal", ">="))},
    **{name: _case(f"abs({{0}}) <= {_LIMIT}", f"{name}({{0}})", None) for name in ("sin", "cos", "tan")},
    "div": Form("CASE WHEN {1} = 0.0e0 THEN {0} * pow({1}, -1.0e0) ELSE {0} / {1} END", ATOM, (PRODUCT, UNARY), repeated=(0, 1)),
    "log": Form(f"CASE WHEN {{0}} > 0.0e0 THEN ln({{0}}) WHEN {{0}} = 0.0e0 THEN -{_INFINITY} END", ATOM, (SUM,), repeated=(0,)),
    "pow": Form("CASE WHEN {0} = 1.0e0 OR {1} = 0.0e0 THEN 1.0e0 ELSE pow({0}, {1}) END", ATOM, (SUM, SUM), repeated=(0, 1)),
    "if": Form("CASE WHEN {} THEN {} ELSE {} END", ATOM, wants_condition=True),
}  # fmt: skip


def _number(piece: Piece) -> float | None:
    """The value of a piece that is a literal."""
    return float(piece.text) if piece.text.lstrip("-")[:1].isdigit() and piece.height == 1 else None


def _adjust_duckdb(name: str, form: Form, operands: list[Piece]) -> Form:
    # a literal is not NaN
    if form.condition and _number(operands[form.repeated[0]]) is not None:
        return _SQLITE[name]
    return form


def _adjust_sqlite(name: str, form: Form, operands: list[Piece]) -> Form:
    # a literal may exclude the exception
    first, second = (_number(piece) for piece in operands) if len(operands) == 2 else (None, None)
    harmless = second not in (None, 0.0) and (name == "div" or first != 1.0)
    return _SHARED[name] if name in ("div", "pow") and harmless else form


@dataclass(frozen=True)
class Dialect:
    """What differs between two engines. `quote`: of names. `missing`: how a NULL in a column becomes NaN, where that must be."""

    forms: dict[str, Form]
    adjust: Callable[[str, Form, list[Piece]], Form]
    type: str
    quote: str
    positive: str = "{0} > 0.0e0"
    missing: str = "{}"


DIALECTS = {
    "duckdb": Dialect(
        *(_DUCKDB, _adjust_duckdb, "DOUBLE", '"'), positive="{0} > 0.0e0 AND NOT isnan({0})", missing=f"coalesce({{}}, {_NAN})"
    ),
    # to SQLite a name in double quotes that is no column is a text
    "sqlite": Dialect(_SQLITE, _adjust_sqlite, "REAL", "`"),
}
_NULL_MATTERS = {"min", "max"}  # greatest(NULL, 1) is 1
_TOO_DEEP = 8


@dataclass
class Steps:
    """Common table expressions, each one row with what later ones need of those before."""

    prefix: str
    texts: list[str] = field(default_factory=list)

    def assign(self, text: str) -> str:
        """Makes the text a step and returns the step's name."""
        self.texts.append(text)
        return f"{self.prefix}{len(self.texts) - 1}"

    def query(self, result: str) -> str:
        """The scalar expression of the result."""
        if not self.texts:
            return result
        name = re.compile(re.escape(self.prefix) + r"\d+\b")
        needed = [set(name.findall(text)) for text in [*self.texts, result]]
        last_use = {used: k for k, names in enumerate(needed) for used in names}
        tables: list[str] = []
        living: list[str] = []
        for k, text in enumerate(self.texts):
            living = [other for other in living if last_use[other] > k]
            own = f"{self.prefix}{k}"
            source = f" FROM {self.prefix}{k - 1}" if k else ""
            tables.append(f"{own} AS MATERIALIZED (SELECT {', '.join([*living, f'{text} AS {own}'])}{source})")
            living.append(own)
        return f"(WITH {', '.join(tables)} SELECT {result} FROM {self.prefix}{len(self.texts) - 1})"


def quoted_column(name: str, quote: str = '"') -> str:
    """A column name as SQL takes it, whatever it holds. Raises InputError for what no SQL table can have."""
    if not name or "\0" in name:
        raise InputError(f"column {name!r} cannot be named in SQL: rename it")
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"


def _columns(nodes: Genome, names: Sequence[str] | None) -> dict[int, str]:
    columns = {column: name_of(column, names) for column in columns_used(nodes)}
    seen: dict[str, str] = {}
    for name in columns.values():
        if seen.setdefault(name.casefold(), name) != name:
            raise InputError(f"columns {seen[name.casefold()]!r} and {name!r} are the same to SQL: rename one")
    return columns


def to_sql(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
    dialect: str = "duckdb",
) -> str:
    """A scalar expression of intercept + slope * f for the list of a SELECT, in one of DIALECTS.

    NULL, NaN or infinite where the formula has no value; no row makes the query fail. DuckDB with its default
    ieee_floating_point_ops, SQLite from 3.35 on with its mathematical functions. SQLite knows no NaN and keeps no sign of a zero.
    `link`: see vgp.algebra.scaled. Raises GenomeError for a genome that is invalid or has references, InputError for an unknown
    dialect, if `names` is too short, or for columns that SQL cannot tell apart.
    """
    if dialect not in DIALECTS:
        raise InputError(f"there is no SQL dialect {dialect!r}: choose one of {', '.join(DIALECTS)}")
    engine = DIALECTS[dialect]
    whole = scaled(nodes, slope, intercept, link)
    columns = _columns(whole, names)
    null_matters = bool(_NULL_MATTERS & {NAMES.get(op, "") for op in set(whole["op"].tolist())})
    prefix = "_t"
    while any(name.lower().startswith(prefix) for name in columns.values()):
        prefix = "_" + prefix

    def variable(column: int) -> Piece:
        text = f"CAST({quoted_column(columns[column], engine.quote)} AS {engine.type})"
        return Piece(engine.missing.format(text) if null_matters else text)

    steps = Steps(prefix)
    language = Language(engine.forms, _constant, variable, adjust=engine.adjust, assign=steps.assign)
    language.positive, language.max_height = engine.positive, _TOO_DEEP
    return steps.query(language.write(whole))


def _constant(value: float) -> Piece:
    text = repr(value) if "e" in repr(value) else f"{value!r}e0"  # without an exponent a number is a decimal
    return Piece(text, UNARY if text.startswith("-") else ATOM)
