"""Genomes as a plain JSON tree, and back.

    {"format": "vgp formula", "version": 1, "formula": NODE}

    NODE is  {"constant": 2.5}                                  a finite float64, shortest digits that read back as the same
         or  {"column": 3, "name": "mass"}                      a column, from 0, and its name
         or  {"function": "mul", "operands": [NODE, NODE]}      a function of vgp/core/opcodes.def

The reader takes any text: it gives a genome or an error.
"""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from vgp.algebra import genome_of, scaled
from vgp.errors import FormulaError, GenomeError
from vgp.export.names import name_of
from vgp.genome import validate
from vgp.layout import (
    ARITIES,
    CONSTANT,
    FUNCTIONS,
    MAX_NODES,
    MAX_VARIABLES,
    NAMES,
    OPCODES,
    REFERENCE,
    VARIABLE,
    Genome,
    constant_payload,
    constant_value,
)

FORMAT = "vgp formula"
VERSION = 1
MOST_CHARACTERS = 1 << 22
Row = tuple[int, int, int]


def to_json(
    nodes: Genome,
    names: Sequence[str] | None = None,
    *,
    slope: float = 1.0,
    intercept: float = 0.0,
    link: str = "identity",
) -> str:
    """The tree of intercept + slope * f on one line of ASCII. `from_json` gives exactly this genome back.

    `link`: see vgp.algebra.scaled. Raises GenomeError for a genome that is invalid or has references, InputError if `names` is too
    short.
    """
    whole = scaled(nodes, slope, intercept, link)
    validate(whole)
    # texts, not dictionaries: Python's own writer gives up at some depth of nesting
    stack: list[str] = []
    for op, arity, _, payload in whole.tolist():
        if op == REFERENCE:
            raise GenomeError("the organism calls others: flatten it before it is exported", "missing_reference")
        operands = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        if op == CONSTANT:
            stack.append(f'{{"constant": {constant_value(payload)!r}}}')
        elif op == VARIABLE:
            stack.append(f'{{"column": {payload}, "name": {json.dumps(name_of(payload, names))}}}')
        else:
            stack.append(f'{{"function": "{NAMES[op]}", "operands": [{", ".join(operands)}]}}')
    return f'{{"format": "{FORMAT}", "version": {VERSION}, "formula": {stack[0]}}}'


def from_json(text: str | bytes, names: Sequence[str] | None = None) -> Genome:
    """The genome of a tree that `to_json` or anybody else wrote.

    With `names` columns are found by their names in it, which lets a formula be read for another table; without, by number. Total:
    any text gives a genome or raises FormulaError, which says what is wrong.
    """
    if len(text) > MOST_CHARACTERS:
        _fail("is too long")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        _fail("is no JSON, or cut off")
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        _fail(f'has no "format": "{FORMAT}"')
    if type(content.get("version")) is not int or content["version"] != VERSION:
        _fail(f"has another version than {VERSION}, which this program reads")
    columns = {name: i for i, name in reversed(list(enumerate(names)))} if names is not None else None
    genome = genome_of(_rows(content.get("formula"), columns))
    try:
        validate(genome)
    except GenomeError as error:
        _fail(f"cannot be used: {error}")
    return genome


def _fail(what: str) -> NoReturn:
    raise FormulaError(f"the JSON formula {what}")


def _shown(value: Any) -> str:
    """A value on one line; of nested ones the outside only."""
    if isinstance(value, dict):
        return f"an object with {', '.join(ascii(key)[:20] for key in list(value)[:3]) or 'nothing in it'}"
    return "a list" if isinstance(value, list) else ascii(value)[:60]


def _rows(root: Any, columns: dict[str, int] | None) -> list[Row]:
    """The nodes in postfix order. Written backwards, so that nesting never nests calls."""
    backwards: list[Row] = []
    pending = [root]
    while pending:
        node = pending.pop()
        match node:
            case {"constant": value, **rest} if not rest:
                backwards.append((CONSTANT, 0, _payload(value)))
            case {"column": column, **rest} if rest.keys() <= {"name"}:
                backwards.append((VARIABLE, 0, _column(column, rest.get("name"), columns)))
            case {"function": str(name), "operands": list(operands), **rest} if name in FUNCTIONS and not rest:
                if len(operands) != ARITIES[OPCODES[name]]:
                    _fail(f"gives {name} {len(operands)} operands, it takes {ARITIES[OPCODES[name]]}")
                backwards.append((OPCODES[name], len(operands), 0))
                pending.extend(operands)
            case _:
                _fail(f"holds {_shown(node)}, which is no constant, column or known function")
        if len(backwards) > MAX_NODES:
            _fail(f"has more than {MAX_NODES} nodes")
    return backwards[::-1]


def _payload(value: Any) -> int:
    if type(value) not in (int, float):
        _fail(f"holds the constant {_shown(value)}, which is no number")
    try:
        return constant_payload(float(value))
    except OverflowError:
        _fail("holds a constant that is too large")


def _column(column: Any, name: Any, columns: dict[str, int] | None) -> int:
    if columns is not None:
        if not isinstance(name, str) or name not in columns:
            _fail(f"needs column {_shown(name)}, which the table does not have")
        return columns[name]
    if type(column) is not int or not 0 <= column < MAX_VARIABLES:
        _fail(f"names column {_shown(column)}, which is no number of a column")
    return int(column)
