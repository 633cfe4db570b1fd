"""Units of columns and target: "kg*m/s^2", "N", "1", "USD/h". Only their dimensions count; scale factors are the constants' affair.

Texts are read by pint (https://pint.readthedocs.io), which is loaded when there are any. A name that pint does not know, or one in
brackets such as [person], is a dimension of its own. What was read is kept as exponents, so that a checkpoint or a model that
carries units needs no pint to be used again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from vgp.errors import InputError, MissingLibrary
from vgp.primitives import unit_limits
from vgp.suggestions import did_you_mean

EXPONENT_UNIT, MOST_BASES = unit_limits()
MOST_EXPONENT = 12
MOST_LETTERS = 200
PLAIN = ("", "1", "-", "dimensionless", "none")
_OWN = re.compile(r"\[\s*([^\W\d]\w*)\s*\]")
_DECIMAL = r"[+-]?\d{1,3}(?:\.\d{1,9})?"
_POWER = re.compile(rf"(?:\^|\*\*)\s*(?:{_DECIMAL}|\(\s*{_DECIMAL}(?:\s*/\s*\d{{1,3}})?\s*\))(?![\d.])")
_NUMBER = re.compile(r"(?<![^\W\d])(?<![\d.])\d[\d.eE+-]*")
_SHORT = {"length": "m", "mass": "kg", "time": "s", "current": "A", "temperature": "K", "substance": "mol", "luminosity": "cd"}

Exponents = tuple[int, ...]  # of each base dimension, in multiples of 1 / EXPONENT_UNIT


@dataclass(frozen=True)
class Units:
    """The units of a table. Make one by `units_of`; equal ones have equal dimensions."""

    names: tuple[str, ...]  # of the columns
    texts: tuple[str, ...]  # their units as they were given; "" where none was: a plain number
    exponents: tuple[Exponents, ...]  # [columns][bases]
    bases: tuple[str, ...]  # "length", "USD", in the order of the alphabet
    target: str | None  # the target's unit as it was given; None: not known
    target_exponents: Exponents | None

    def same_dimensions(self, other: Units) -> bool:
        """Whether both mean the same, however it is spelled."""
        mine, theirs = ((u.names, u.bases, u.exponents, u.target_exponents) for u in (self, other))
        return mine == theirs

    @property
    def own_bases(self) -> tuple[str, ...]:
        """Dimensions that are none of the seven of the SI: names of the user's own."""
        return tuple(base for base in self.bases if base not in _SHORT)

    def describe(self, target: str) -> str:
        """One line: y [N], m [kg], n [1]."""
        shown = [f"{target} [{'not given' if self.target is None else self.target or '1'}]"]
        return ", ".join(shown + [f"{name} [{text or '1'}]" for name, text in zip(self.names, self.texts, strict=True)])

    def dimension(self, exponents: Exponents) -> str:
        """A dimension in base units: "kg*m/s^2"."""
        powers = [(_SHORT.get(base, base), Fraction(e, EXPONENT_UNIT)) for base, e in zip(self.bases, exponents, strict=True) if e]
        above = "*".join(_power(base, e) for base, e in powers if e > 0) or "1"
        below = [_power(base, -e) for base, e in powers if e < 0]
        return above + "".join(f"/{part}" for part in below)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON; `units_from` gives the same units again."""
        return {
            "bases": list(self.bases),
            "columns": {
                name: [text, list(e)] for name, text, e in zip(self.names, self.texts, self.exponents, strict=True)
            },
            "target": None if self.target_exponents is None else [self.target, list(self.target_exponents)],
        }


def units_of(names: Sequence[str], columns: Mapping[str, str], target: str | None = None) -> Units:
    """The units of the columns `names`, from the texts that are given for some of them; the others are plain numbers.

    Raises InputError for a name that is no column, a text that is no unit, or more than MOST_BASES base dimensions.
    """
    for name in columns:
        if name not in names:
            raise InputError(f"units: there is no column '{name}'; {did_you_mean(name, names)}")
    texts = tuple(str(columns.get(name, "")).strip() for name in names)
    read = [dimension_of(text, name) for name, text in zip(names, texts, strict=True)]
    goal = None if target is None else dimension_of(target, "the target")
    bases = tuple(sorted({base for powers in (*read, goal or {}) for base in powers}))
    if len(bases) > MOST_BASES:
        shown = ", ".join(bases)
        raise InputError(f"units: {len(bases)} base dimensions ({shown}) are more than {MOST_BASES}; leave some units out")
    exponents = tuple(_exponents(powers, bases, name) for name, powers in zip(names, read, strict=True))
    target_exponents = None if goal is None else _exponents(goal, bases, "the target")
    return Units(tuple(names), texts, exponents, bases, None if target is None else target.strip(), target_exponents)


def units_from(saved: Mapping[str, Any], names: Sequence[str]) -> Units:
    """The units that `as_dict` wrote, for these columns. Raises ValueError, TypeError or KeyError for anything else."""
    bases = tuple(map(_word, saved["bases"]))
    rows = [saved["columns"][name] for name in names]
    exponents = tuple(_saved(row[1], bases) for row in rows)
    target = saved["target"]
    goal = (None, None) if target is None else (_word(target[0]), _saved(target[1], bases))
    if len(bases) > MOST_BASES or len(set(bases)) != len(bases) or len(saved["columns"]) != len(names):
        raise ValueError("units that do not fit the columns")
    return Units(tuple(names), tuple(_word(row[0]) for row in rows), exponents, bases, *goal)


def assignments(texts: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """What is typed as "m=kg, r=m" or, in other words, name=unit: unit by name. A name with a comma needs a text of its own.

    Raises InputError for a text that assigns nothing, or a name given twice with different units.
    """
    found: dict[str, str] = {}
    for text in texts:
        whole = text.rpartition("=")[0].strip() in known
        for part in [text] if whole else text.split(","):
            name, equals, unit = (word.strip() for word in part.rpartition("="))
            if not equals or not name:
                raise InputError(f"units '{text}': write COLUMN=UNIT, for example m=kg,r=m")
            if found.setdefault(name, unit) != unit:
                raise InputError(f"units: '{name}' has two, {found[name]!r} and {unit!r}; give one of them")
    return found


@lru_cache(maxsize=1024)
def dimension_of(text: str, name: str) -> Mapping[str, Fraction]:
    """The exponent of each base dimension of a unit. Raises InputError naming the column."""
    text = text.strip()
    if text in PLAIN:
        return {}
    bare = _POWER.sub("$", text)  # powers of powers of numbers would be computed for hours
    strange = re.search(r"\^|\*\*|__|\$\s*\$", bare) or "$" in text or set(_NUMBER.findall(bare)) - {"1"}
    if len(text) > MOST_LETTERS or not text.isprintable() or strange:
        raise _unreadable(text, name)
    plain = _OWN.sub(lambda match: f" own_{match[1]} ", text)
    powers: dict[str, Fraction] = {}
    for base, exponent in _parsed(plain, text, name).items():
        key = base.strip("[]").removeprefix("own_")
        powers[key] = powers.get(key, Fraction(0)) + _fraction(exponent, text, name)
    return {base: exponent for base, exponent in powers.items() if exponent}


@cache
def _registry() -> Any:
    try:
        import pint
    except ModuleNotFoundError:
        raise MissingLibrary("units need pint: pip install 'vcloud[units]'") from None
    return pint.UnitRegistry()


def _parsed(plain: str, text: str, name: str) -> Mapping[str, Any]:
    registry = _registry()
    from pint.errors import UndefinedUnitError

    for _ in range(MOST_BASES + 1):
        try:
            return dict(registry.parse_units(plain, as_delta=False).dimensionality)
        except UndefinedUnitError as error:
            unknown = [error.unit_names] if isinstance(error.unit_names, str) else list(error.unit_names)
            if not all(_is_a_dimension(word) for word in unknown):
                break
            for word in unknown:
                registry.define(f"{word} = [{word}]")
        except Exception:  # of many kinds, for what is no unit
            break
    raise _unreadable(text, name)


def _is_a_dimension(word: str) -> bool:
    return word.isidentifier() and (word.startswith("own_") or not re.search(r"\d", word))  # m2 is m^2


def _unreadable(text: str, name: str) -> InputError:
    shown = text if len(text) <= 40 else text[:37] + "..."
    return InputError(f"the unit {shown!r} of {name} cannot be read; write kg*m/s^2, N, 1, or [word] for a dimension of your own")


def _fraction(exponent: Any, text: str, name: str) -> Fraction:
    value = float(exponent)
    if not math.isfinite(value) or abs(value) > MOST_EXPONENT:
        raise InputError(f"the unit {text!r} of {name}: exponents go up to {MOST_EXPONENT}")
    near = Fraction(round(value * EXPONENT_UNIT), EXPONENT_UNIT)
    if abs(value - near) > 1e-9:
        raise InputError(f"the unit {text!r} of {name}: an exponent of {value:g} is no multiple of 1/{EXPONENT_UNIT}")
    return near


def _exponents(powers: Mapping[str, Fraction], bases: Sequence[str], name: str) -> Exponents:
    if any(abs(e) > MOST_EXPONENT for e in powers.values()):
        raise InputError(f"the unit of {name}: exponents go up to {MOST_EXPONENT}")
    return tuple(int(powers.get(base, Fraction(0)) * EXPONENT_UNIT) for base in bases)


def _power(base: str, exponent: Fraction) -> str:
    if exponent == 1:
        return base
    return f"{base}^{exponent}" if exponent.denominator == 1 else f"{base}^({exponent})"


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a name that is no text")
    return value


def _saved(values: Any, bases: Sequence[str]) -> Exponents:
    exponents = tuple(int(value) for value in values)
    if len(exponents) != len(bases) or any(abs(e) > MOST_EXPONENT * EXPONENT_UNIT for e in exponents):
        raise ValueError("exponents that do not fit")
    return exponents
