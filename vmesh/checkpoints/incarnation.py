"""A number for each life of a worker that only grows, whatever the clock does: the mesh believes the larger one.

It is the larger of the time in milliseconds and the number before plus LEAP. The file alone would begin anew on a new disk; the
clock alone may be set back. Within a life the number grows by one with each refuted suspicion; LEAP leaves room for those.
"""

from __future__ import annotations

import os
import re
import zlib

from vgp.atomic_file import replacing, write_all
from vgp.errors import CheckpointError

LEAP = 1 << 16
LARGEST = 1 << 62  # far below what a message can carry, so that a life begun here can always refute
LINE = re.compile(rb"([0-9]{1,19}) ([0-9a-f]{8})\n")


def next_incarnation(path: str | os.PathLike[str], clock: float) -> tuple[int, tuple[str, ...]]:
    """The incarnation of the life that begins now, noted at `path`; and what is wrong with the file, a line each.

    `clock` is the time in seconds. A file that is damaged or cannot be written does not keep a worker from starting.
    """
    path = os.fspath(path)
    notes: list[str] = []
    numbers = [read(candidate, notes) for candidate in (path, f"{path}.1")]
    known = max((number for number in numbers if number is not None), default=None)
    incarnation = max(int(clock * 1000), 0 if known is None else known + LEAP, 1)
    incarnation = min(incarnation, LARGEST)
    try:
        with replacing(path, keep=1) as fd:
            write_all(fd, line(incarnation))
    except CheckpointError as error:
        notes.append(str(error))
    return incarnation, tuple(notes)


def last_incarnation(path: str | os.PathLike[str]) -> int | None:
    """The one noted at `path`, or None."""
    return read(os.fspath(path), [])


def read(path: str, notes: list[str]) -> int | None:
    try:
        with open(path, "rb") as file:
            content = file.read(64)
    except FileNotFoundError:
        return None
    except OSError as error:
        notes.append(f"{path}: cannot be read: {error.strerror}")
        return None
    match = LINE.fullmatch(content)
    number = int(match[1]) if match else 0
    if not match or content != line(number) or not 0 < number <= LARGEST:
        notes.append(f"{path}: is damaged; the incarnation is taken from the clock and from the file before")
        return None
    return number


def line(number: int) -> bytes:
    digits = b"%d" % number
    return b"%s %08x\n" % (digits, zlib.crc32(digits))
