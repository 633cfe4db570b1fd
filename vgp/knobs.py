"""A knob is a field of a frozen dataclass of settings that carries its meaning, unit and bounds: declared, and checked, here.

Used by the parameters of an island and by the settings of a mesh, so that both speak of wrong values in the same words.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import numbers
import sys
from collections.abc import Iterable
from dataclasses import field
from typing import Any

from vgp.errors import InputError


def knob(default: Any, doc: str, unit: str = "", *, low: float = -math.inf, high: float = math.inf, live: bool = True) -> Any:
    """A whole number, a number, a truth value or a text, of the default's type; `live` may be changed during a run."""
    return field(default=default, metadata={"doc": doc, "unit": unit, "low": low, "high": high, "live": live})


def choice(default: str, options: tuple[str, ...], doc: str, *, live: bool = True) -> Any:
    """One of several words."""
    return field(default=default, metadata={"doc": doc, "unit": "", "options": options, "live": live})


def check_all(settings: Any, noun: str) -> None:
    """Checks every field of a frozen dataclass and makes NumPy's numbers plain ones, fit for JSON. Raises InputError."""
    for one in dataclasses.fields(settings):
        value = getattr(settings, one.name)
        _check(one, value, noun)
        if not isinstance(one.default, bool) and isinstance(one.default, (int, float)):
            plain = int if isinstance(one.default, int) else float
            object.__setattr__(settings, one.name, plain(value))


def check_names(kind: type, names: Iterable[str], noun: str) -> None:
    """Raises InputError for the first name that is no field, with the nearest one that is."""
    known = {one.name for one in dataclasses.fields(kind)}
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise InputError(f"there is no {noun} named {name}{hint}")


def _check(one: dataclasses.Field[Any], value: Any, noun: str) -> None:
    kind: type = type(one.default)
    if "options" in one.metadata:
        if value not in one.metadata["options"]:
            raise InputError(f"{noun} {one.name} is {value!r}; choose one of {', '.join(one.metadata['options'])}")
    elif kind is bool:
        if not isinstance(value, bool):
            raise InputError(f"{noun} {one.name} is {value!r}; it takes True or False")
    elif kind is str:
        if not isinstance(value, str):
            raise InputError(f"{noun} {one.name} is {value!r}; it takes a text")
    elif kind in (int, float):
        _check_number(one, value, noun)


def _check_number(one: dataclasses.Field[Any], value: Any, noun: str) -> None:
    whole = isinstance(one.default, int)
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or (whole and not _is_whole(value)):
        raise InputError(f"{noun} {one.name} is {value!r}; it takes {'a whole number' if whole else 'a number'}")
    low, high = one.metadata["low"], one.metadata["high"]
    if not (low <= value <= min(high, sys.float_info.max)):
        raise InputError(f"{noun} {one.name} is {value}; it must lie between {low:g} and {high:g}")


def _is_whole(value: numbers.Real) -> bool:
    return isinstance(value, numbers.Integral) or float(value).is_integer()
