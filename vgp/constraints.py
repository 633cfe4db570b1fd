"""Constraints on formulas, written so that they can be typed: "no sin, cos in sin, cos; at most 1 nodes in pow 2".

    no WHAT in WHERE                WHAT     functions, "variables" or "constants"; with "at most" also "nodes"
    at most N WHAT in WHERE         WHERE    functions, each with the number of an operand (pow 2: the exponent) or any operand

Rules are separated by semicolons or line ends. A number of functions, variables or constants counts on any one path from the
operand down; a number of nodes is the size of the operand. They hold for a formula with all calls of other organisms written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from vgp.errors import InputError

MOST_NESTED, MOST_NODES = 254, 65_534
_RULE = re.compile(r"(?:(?P<no>no)|at\s+most\s+(?P<most>\d{1,6}))\s+(?P<what>.+?)\s+in\s+(?P<where>.+)", re.I | re.S)
_PLACE = re.compile(r"(?P<function>\w+)(?:\s+(?P<operand>\d))?")
_TERMINALS = {"variable": "variable", "variables": "variable", "constant": "constant", "constants": "constant"}
_NODES = ("node", "nodes")


class Limit(NamedTuple):
    """At most `most` nodes named `inner` on a path in operand `operand` (from 0) of `function`; inner None: nodes of it."""

    function: str
    operand: int
    inner: str | None
    most: int


@lru_cache(maxsize=64)
def limits_of(text: str) -> tuple[Limit, ...]:
    """The limits that a text asks for. Raises InputError naming the rule that cannot be read."""
    return tuple(limit for rule in re.split(r"[;\n]", text) if rule.strip() for limit in _limits(" ".join(rule.split())))


def written(
    nested: Mapping[str, Mapping[str, int]] | None = None, sizes: Mapping[str, Sequence[int | None]] | None = None
) -> str:
    """The text of limits given as tables, in the form that PySR has for them.

    nested: {"sin": {"sin": 0, "exp": 1}}: in a sine no other, and at most one exp. sizes: {"pow": (None, 1)}: most nodes of each
    operand, None for no limit. Raises InputError for what cannot be.
    """
    rules = [f"at most {n} {inner} in {outer}" for outer, inside in (nested or {}).items() for inner, n in inside.items()]
    for function, most in (sizes or {}).items():
        rules += [f"at most {n} nodes in {function} {k + 1}" for k, n in enumerate(most) if n is not None]
    text = "; ".join(rules)
    limits_of(text)
    return text


def _limits(rule: str) -> Iterator[Limit]:
    match = _RULE.fullmatch(rule)
    if match is None:
        raise _wrong(rule, 'write "no sin in exp", "at most 1 exp in exp" or "at most 1 nodes in pow 2"')
    most = 0 if match["no"] else int(match["most"])
    places = [place for text in match["where"].split(",") for place in _places(text.strip(), rule)]
    for word in match["what"].split(","):
        inner = _inner(word.strip(), rule)
        if inner is None and not 1 <= most <= MOST_NODES:
            raise _wrong(rule, f"an operand has at least one node, and {MOST_NODES} at most")
        if inner is not None and most > MOST_NESTED:
            raise _wrong(rule, f"nothing is nested more than {MOST_NESTED} times")
        yield from (Limit(function, operand, inner, most) for function, operand in places)


def _inner(word: str, rule: str) -> str | None:
    if word.lower() in _NODES:
        return None
    return _TERMINALS.get(word.lower()) or _function(word, rule)


def _places(text: str, rule: str) -> Iterator[tuple[str, int]]:
    from vgp.layout import ARITIES, OPCODES

    match = _PLACE.fullmatch(text)
    function = _function(match["function"] if match else text, rule)
    arity = ARITIES[OPCODES[function]]
    if match is None or match["operand"] is None:
        yield from ((function, k) for k in range(arity))
    elif 1 <= int(match["operand"]) <= arity:
        yield function, int(match["operand"]) - 1
    else:
        raise _wrong(rule, f"{function} has operands 1 to {arity}" if arity > 1 else f"{function} has one operand")


def _function(word: str, rule: str) -> str:
    from vgp.layout import FUNCTIONS

    if word not in FUNCTIONS:
        raise _wrong(rule, f"there is no function {word!r}; choose from {', '.join(FUNCTIONS)}")
    return word


def _wrong(rule: str, why: str) -> InputError:
    shown = rule if len(rule) <= 60 else rule[:57] + "..."
    return InputError(f'constraint "{shown}": {why}')
