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


def next_incarnation(path: str | os.PathLike[str], clock: float, *, above: int = 0) -> tuple[int, tuple[str, ...]]:
    """The incarnation of the life that begins now, noted at `path`; and what is wrong with the file, a line each.

    `clock` is the time in seconds; `above`: an incarnation known from elsewhere. A file that is damaged or cannot be written
    does not keep a worker from starting.
    """
    path = os.fspath(path)
    notes: list[str] = []
    numbers = [read(candidate, notes) for candidate in (path, f"{path}.1")]
    known = max([above, *(number for number in numbers if number is not None)])
    lives = 2 if numbers[0] is None and notes else 1  # what is damaged told of a life after the one in the file before
    incarnation = min(max(int(clock * 1000), known + lives * LEAP if known else 1), LARGEST)
    try:
        with replacing(path, keep=1) as fd:
            write_all(fd, line(incarnation))
    except CheckpointError as error:
        notes.append(str(error))
    return incarnation, tuple(notes)


def last_incarnation(path: str | os.PathLike[str]) -> int | None:
    """The largest that is noted at `path` and beside it, or None."""
    noted = (read(candidate, []) for candidate in (os.fspath(path), f"{os.fspath(path)}.1"))
    return max((number for number in noted if number is not None), default=None)


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
