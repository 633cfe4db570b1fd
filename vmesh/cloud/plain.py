"""Frozen dataclasses from JSON that somebody else wrote: each field of its declared type, what is unknown is left out."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from typing import Any, TypeVar

from vgp.errors import InputError

Kind = TypeVar("Kind")


def read(content: bytes, kind: type[Kind], what: str, most: int) -> Kind:
    """A `kind` from bytes. Raises InputError in one line that begins with `what`."""
    if len(content) > most:
        raise InputError(f"{what} has {len(content)} bytes; {most} at most")
    try:
        return made(json.loads(content), kind)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise InputError(f"{what} cannot be read: {' '.join(str(error).split())[:200]}") from None


def made(value: Any, kind: Any) -> Any:
    """The value as that type. Raises TypeError, ValueError."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(value, kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else made(value, next(one for one in inner if one is not type(None)))
    if origin is tuple and isinstance(value, list):
        return tuple(made(one, inner[0]) for one in value)
    if origin is dict and isinstance(value, dict):
        return {made(key, inner[0]): made(one, inner[1]) for key, one in value.items()}
    return value if kind is Any else _single(value, kind)


def _single(value: Any, kind: type) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise TypeError(f"{str(value)[:60]!r} is no {kind.__name__}")
    return value


def _dataclass(value: Any, kind: type) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:60]!r} is no object")
    hints = typing.get_type_hints(kind)
    return kind(
        **{field.name: made(value[field.name], hints[field.name]) for field in dataclasses.fields(kind) if field.name in value}
    )
