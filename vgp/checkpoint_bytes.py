"""A checkpoint that stands in no folder: the container of checkpoint_file.py as bytes, for states that travel between processes.

It is written to and read from a file without a name, so there is one writer and one reader of the format.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vgp.atomic_file import write_all
from vgp.checkpoint_file import Malformed, decode, read_open, write_sections
from vgp.errors import CheckpointError

ORIGIN = "the state"  # what messages call it


def encoded(sections: Mapping[str, Any]) -> bytes:
    """The sections as one container; what a section may be is said in `write_checkpoint`. Raises CheckpointError."""
    with _nameless() as fd:
        write_sections(fd, sections)
        size = os.lseek(fd, 0, os.SEEK_END)
        os.lseek(fd, 0, os.SEEK_SET)
        with open(fd, "rb", closefd=False) as file:
            return file.read(size)


def decoded(content: bytes) -> dict[str, memoryview]:
    """The sections, as `read_checkpoint` gives them. Total: any bytes give what was encoded, or a CheckpointError."""
    with _nameless() as fd:
        write_all(fd, content)
        os.lseek(fd, 0, os.SEEK_SET)
        try:
            return decode(read_open(fd))
        except Malformed as error:
            raise CheckpointError(f"{ORIGIN}: {error}") from None


@contextmanager
def _nameless() -> Iterator[int]:
    try:
        fd = os.memfd_create("vgp-state", os.MFD_CLOEXEC)
        try:
            yield fd
        finally:
            os.close(fd)
    except OSError as error:
        raise CheckpointError(f"{ORIGIN}: cannot be held in memory: {error.strerror or error}") from error
