"""Messages as bytes and back: `[version, number, sender, field, ...]` in msgpack, one page in docs/mesh.md.

How a field is written and what is allowed in it follows from its annotation in `vmesh.messages`, for some also from its name
(`BOUNDS`, `TEXTS`). Decoding is total: any bytes give a message or a MessageError, and what is built of foreign bytes stays
bounded: few arrays, short texts. Encoding checks nothing; who breaks a limit is not understood.
"""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_type_hints

import msgpack

from vmesh.addresses import well_formed_address
from vmesh.errors import MessageError
from vmesh.messages import MESSAGES, RUMOURS, VERSION, Member, Message

MOST_MEMBERS = 64  # in one list
MOST_IDS = 4096
MOST_SURPLUS = 16  # fields of later releases that are passed over
MOST_ARRAYS = 4 * MOST_MEMBERS  # in one message, however deep: room for a few lists of members
LARGEST = 2**64 - 1
LONGEST_TEXT = 2000
#: Bytes, by field.
TEXTS = {"name": 80, "address": 300, "admin": 300, "url": LONGEST_TEXT, "checksum": 64, "target": 1000}
#: Smallest and largest whole number, by field; any other is a u64.
BOUNDS = {"hops": (0, 255), "suspected": (-1, LARGEST), "state": (min(RUMOURS), max(RUMOURS))}

CHECKSUM = re.compile(r"[0-9a-f]{64}|")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

Reader = Callable[[Any], Any]


def encode(sender: Member, message: Message) -> bytes:
    """The bytes of a message: the same ones for the same message."""
    number, write = _WRITERS[type(message)]
    packed: bytes = msgpack.packb((VERSION, number, _member_row(sender), *write(message)))
    return packed


def decode(data: bytes) -> tuple[Member, Message]:
    """Who sent what. Raises MessageError: `reason` is malformed, version, unknown or the name of a field."""
    row = _unpack(data)
    if type(row) is not tuple or len(row) < 3 or type(row[0]) is not int:
        raise MessageError("bytes that are no message", "malformed")
    if row[0] != VERSION:
        raise MessageError(f"a message of version {row[0]}; this worker speaks version {VERSION}", "version")
    reading = _READERS.get(row[1]) if type(row[1]) is int else None
    if reading is None:
        raise MessageError("a message of a kind that is not known here", "unknown")
    kind, readers = reading
    values = row[3:]
    if not len(readers) <= len(values) <= len(readers) + MOST_SURPLUS:
        raise MessageError(f"{kind.__name__} with {len(values)} fields", "malformed")
    sender = _read_member(row[2])
    return sender, kind(*[read(value) for read, value in zip(readers, values, strict=False)])


# --- from bytes to plain values ---


def _unpack(data: bytes) -> Any:
    arrays = 0

    def counted(array: tuple[Any, ...]) -> tuple[Any, ...]:
        nonlocal arrays
        arrays += 1
        if arrays > MOST_ARRAYS:  # a byte each could otherwise become an object each
            raise MessageError("more arrays than any message has", "malformed")
        return array

    limits = {"max_str_len": LONGEST_TEXT, "max_array_len": MOST_IDS, "max_map_len": 0, "max_ext_len": 0}
    try:
        return msgpack.unpackb(data, use_list=False, list_hook=counted, **limits)
    except MessageError:
        raise
    except Exception as error:  # msgpack raises ValueError and several kinds of its own for bytes that are not msgpack
        raise MessageError("bytes that are not msgpack", "malformed") from error


# --- one reader for each kind of field ---


def _refuse(field: str) -> MessageError:
    return MessageError(f"a message whose {field} cannot be", field)


def _number_reader(field: str) -> Reader:
    low, high = BOUNDS.get(field, (0, LARGEST))

    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise _refuse(field)
        return value

    return read


def _truth_reader(field: str) -> Reader:
    def read(value: Any) -> bool:
        if type(value) is not bool:
            raise _refuse(field)
        return value

    return read


def _bytes_reader(field: str) -> Reader:
    def read(value: Any) -> bytes:
        if type(value) is not bytes:
            raise _refuse(field)
        return value

    return read


def _text_reader(field: str) -> Reader:
    longest = TEXTS[field]
    fits = _FITS.get(field, _no_control)

    def read(value: Any) -> str:
        if type(value) is not str or len(value.encode()) > longest or not fits(value):
            raise _refuse(field)
        return value

    return read


def _no_control(text: str) -> bool:
    """Texts of others are shown on terminals and written to logs."""
    return CONTROL.search(text) is None


def _is_name(text: str) -> bool:
    return text != "" and text.isprintable() and " " not in text


#: What a text must be besides short, by field.
_FITS: dict[str, Callable[[str], bool]] = {
    "name": _is_name,
    "address": well_formed_address,
    "admin": lambda text: text == "" or well_formed_address(text),
    "checksum": lambda text: CHECKSUM.fullmatch(text) is not None,
}


def _numbers_reader(field: str) -> Reader:
    def read(value: Any) -> tuple[int, ...]:
        if type(value) is not tuple or len(value) > MOST_IDS:
            raise _refuse(field)
        if not all(type(one) is int and 0 <= one <= LARGEST for one in value):
            raise _refuse(field)
        return value

    return read


_MEMBER = tuple((_text_reader if kind is str else _number_reader)(name) for name, kind in get_type_hints(Member).items())


def _read_member(value: Any) -> Member:
    if type(value) is not tuple or len(value) != len(_MEMBER):
        raise _refuse("member")
    return Member(*[read(one) for read, one in zip(_MEMBER, value, strict=True)])


def _read_members(value: Any) -> tuple[Member, ...]:
    if type(value) is not tuple or len(value) > MOST_MEMBERS:
        raise _refuse("members")
    return tuple([_read_member(one) for one in value])


#: What reads a field, by its annotation.
_KINDS: dict[Any, Callable[[str], Reader]] = {
    int: _number_reader,
    bool: _truth_reader,
    str: _text_reader,
    bytes: _bytes_reader,
    Member: lambda _: _read_member,
    tuple[Member, ...]: lambda _: _read_members,
    tuple[int, ...]: _numbers_reader,
}


def _readers(kind: type[Message]) -> tuple[Reader, ...]:
    hints = get_type_hints(kind)
    return tuple(_KINDS[hints[one.name]](one.name) for one in fields(kind))  # type: ignore[arg-type]  # every message is a dataclass


_READERS = {number: (kind, _readers(kind)) for number, kind in MESSAGES.items()}


# --- writing ---


def _member_row(member: Member) -> tuple[str, str, int, int, str]:
    return member.name, member.address, member.incarnation, member.nonce, member.admin


def _writer(kind: type[Message]) -> Callable[[Any], list[Any]]:
    """What gives a message's fields as plain values."""
    hints = get_type_hints(kind)
    steps = [(one.name, hints[one.name]) for one in fields(kind)]  # type: ignore[arg-type]

    def write(message: Any) -> list[Any]:
        return [
            _member_row(value) if annotation is Member
            else [_member_row(one) for one in value] if annotation == tuple[Member, ...]
            else value
            for value, annotation in ((getattr(message, name), annotation) for name, annotation in steps)
        ]  # fmt: skip

    return write


_WRITERS = {kind: (number, _writer(kind)) for number, kind in MESSAGES.items()}
