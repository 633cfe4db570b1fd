"""Kinds of arguments: what a command takes, checked by the worker as it comes over the wire, read by the client as a user types it.

A kind has `check(value) -> value`, which is total over what JSON can hold, and `read(word) -> value`; both raise InputError.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vgp.cli.arguments import count
from vgp.errors import InputError
from vgp.suggestions import did_you_mean

MOST_TEXT = 4096  # characters
MOST_ITEMS = 4096
WHICH_WORDS = ("front", "best", "all")
MOST_RECORD = 3_000_000  # bytes, so that it fits into a request in base64


@dataclass(frozen=True)
class Kind:
    """One kind of value. Completion offers `choices`, names of workers, or files."""

    check: Callable[[Any], Any]
    read: Callable[[str], Any]
    choices: tuple[str, ...] = ()
    workers: bool = False
    file: bool = False
    gather: Callable[[Iterable[Any]], Any] | None = None  # typed several times: makes one value of them


@dataclass(frozen=True)
class Argument:
    """One argument of a command, typed by position or, where `option` is set, as --name VALUE."""

    name: str
    kind: Kind
    doc: str
    metavar: str
    default: Any = None
    required: bool = False
    many: bool = False  # takes all words that follow; its value is a list
    option: bool = False
    #: It stays at the client, which calls this with the results by worker and the value, and tells the user what it returns.
    keep: Callable[[Mapping[str, Any], Any], list[str]] | None = None


def checked(arguments: Sequence[Argument], values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a request, complete and checked. Raises InputError for the first one that is wrong."""
    known = {argument.name: argument for argument in arguments if argument.keep is None}
    for name in values:
        if name not in known:
            raise InputError(f"there is no argument {name[:80]!r}; {did_you_mean(name[:80], known)}")
    return {name: _value(argument, values.get(name)) for name, argument in known.items()}


def _value(argument: Argument, value: Any) -> Any:
    if value is None:
        if argument.required:
            raise InputError(f"argument {argument.name} is missing: {argument.doc}")
        return argument.default
    try:
        return check_list(argument.kind, value) if argument.many else argument.kind.check(value)
    except InputError as error:
        raise InputError(f"argument {argument.name}: {error}") from None


def check_text(value: Any) -> str:
    """A text without control characters."""
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT:
        raise InputError(f"must be a text of 1 to {MOST_TEXT} characters")
    if any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 or 0xD800 <= ord(character) < 0xE000 for character in value):
        raise InputError("must be a text without control characters")
    return value


def read_table(word: str) -> str:
    """Where a table is; a path is the asker's, whatever folder the worker was started in."""
    return check_text(word if "://" in word else os.path.abspath(os.path.expanduser(word)))


def check_list(kind: Kind, value: Any) -> list[Any]:
    """A list of values of one kind."""
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ITEMS:
        raise InputError(f"must be a list of 1 to {MOST_ITEMS} values")
    return [kind.check(part) for part in value]


def check_which(value: Any) -> str | list[int]:
    """The name of a set of organisms, or ids."""
    if isinstance(value, str) and value in WHICH_WORDS:
        return value
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ITEMS or not all(map(_is_organism, value)):
        raise InputError(f"must be one of {', '.join(WHICH_WORDS)}, or a list of 1 to {MOST_ITEMS} ids")
    return value


def read_which(word: str) -> str | list[int]:
    """front, best, all, or ids separated by commas."""
    if word in WHICH_WORDS:
        return word
    ids = [part.strip() for part in word.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,20}", part) for part in ids):
        raise InputError(f"'{word}' is neither {', '.join(WHICH_WORDS)} nor a list of ids; {did_you_mean(word, WHICH_WORDS)}")
    return check_which([int(part) for part in ids])


def check_checksum(value: Any) -> str:
    """A SHA-256."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise InputError("must be a SHA-256: 64 hexadecimal digits")
    return value.lower()


def check_record(value: Any) -> bytes:
    """A portable record in base64; what it holds is decoded by the engine."""
    if not isinstance(value, str) or len(value) > MOST_RECORD * 4 // 3 + 4:
        raise InputError(f"must be a portable record of at most {MOST_RECORD} bytes in base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("must be a portable record in base64") from None


def read_record(word: str) -> str:
    """The contents of a file, in base64."""
    try:
        with open(word, "rb") as file:
            content = file.read(MOST_RECORD + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"{word}: cannot be read: {reason}") from None
    if not 0 < len(content) <= MOST_RECORD:
        raise InputError(f"{word}: must have 1 to {MOST_RECORD} bytes; inject parts of it")
    return base64.b64encode(content).decode()


def whole(low: int, high: int) -> Kind:
    """A whole number; typed, 20k and 2M are as good as digits."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"must be a whole number from {low} to {high}")
        return value

    def read(word: str) -> int:
        try:
            return check(count(word))
        except ArgumentTypeError as error:
            raise InputError(str(error)) from None

    return Kind(check, read)


def one_of(options: tuple[str, ...]) -> Kind:
    """One of several words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in options:
            raise InputError(f"must be one of {', '.join(options)}")
        return value

    return Kind(check, check, options)


def _is_organism(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64


TEXT = Kind(check_text, check_text)
TABLE = Kind(check_text, read_table, file=True)
NAME = Kind(check_text, check_text, workers=True)  # of a worker
FORMULA = Kind(check_text, check_text)
WHICH = Kind(check_which, read_which, WHICH_WORDS)
CHECKSUM = Kind(check_checksum, check_checksum)
RECORD = Kind(check_record, read_record, file=True)
PATH = Kind(check_text, check_text, file=True)
