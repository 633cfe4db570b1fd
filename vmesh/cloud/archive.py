"""Tar files whose bytes depend on nothing but names, modes and content, and the reader that takes nothing else.

The format is POSIX ustar without extensions: files and symbolic links. Owners, times and the order of a folder do not get in, so
the same content has the same checksum wherever it is packed. The reader is total: of any bytes it makes members or an InputError.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from vgp.errors import InputError

BLOCK = 512
MTIME = 315532800  # 1980-01-01, the first day that zip files, and so wheels made of what is unpacked here, can tell
PIECE = 1 << 20
LARGEST = 4 << 30  # bytes of one member
MOST = 20_000  # members
MAGIC = b"ustar\x0000"
FILE, LINK = b"0", b"2"


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, or a symbolic link if `link` says where to. `offset` is where its content begins."""

    name: str
    executable: bool
    size: int
    link: str = ""
    offset: int = 0


def write(file: BinaryIO, content: Iterable[tuple[Member, BinaryIO | None]]) -> None:
    """Writes members in their order, each with a stream that holds `size` bytes (None for a link). Raises InputError."""
    seen: set[str] = set()
    for member, stream in content:
        if member.name in seen:
            raise InputError(f"{member.name} is in the archive twice")
        seen.add(check_name(member.name))
        file.write(header(member))
        if stream is not None:
            copy(stream, file, member)
            file.write(bytes(-member.size % BLOCK))
    file.write(bytes(2 * BLOCK))


def header(member: Member) -> bytes:
    info = tarfile.TarInfo(member.name)
    info.size, info.mtime, info.linkname = member.size, MTIME, member.link
    info.mode = 0o755 if member.executable else 0o644
    info.type = LINK if member.link else FILE
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except ValueError as error:
        raise InputError(f"{member.name} cannot be archived: {error}") from None


def copy(stream: BinaryIO, file: BinaryIO, member: Member) -> None:
    left = member.size
    while left and (piece := stream.read(min(left, PIECE))):
        file.write(piece)
        left -= len(piece)
    if left or stream.read(1):
        raise InputError(f"{member.name} changed while it was read; try again")


def read(file: BinaryIO) -> Iterator[Member]:
    """The members of an archive, one after the other. Between two of them the file may be read anywhere. Raises InputError."""
    position, seen = file.tell(), set[str]()
    while (block := block_at(file, position)) != bytes(BLOCK):
        member = parsed(block, position + BLOCK)
        if member.name in seen or len(seen) >= MOST:
            raise InputError(f"the archive is damaged: {member.name} is one member too many")
        seen.add(member.name)
        yield member
        position = member.offset + member.size + -member.size % BLOCK
    if block_at(file, position + BLOCK) != bytes(BLOCK) or file.read(1):
        raise InputError("the archive is damaged: something follows its end")


def block_at(file: BinaryIO, position: int) -> bytes:
    file.seek(position)
    block = file.read(BLOCK)
    if len(block) != BLOCK:
        raise InputError("the archive is damaged: it breaks off")
    return block


def parsed(block: bytes, offset: int) -> Member:
    """The member that a header tells of. Raises InputError."""
    if number(block[148:156]) != sum(block[:148]) + 8 * 32 + sum(block[156:]) or block[257:265] != MAGIC:
        raise InputError("the archive is damaged: a header's checksum is wrong")
    prefix, name, link = text(block[345:500]), text(block[:100]), text(block[157:257])
    kind, size, mode = block[156:157], number(block[124:136]), number(block[100:108])
    name = check_name(f"{prefix}/{name}" if prefix else name)
    if kind not in (FILE, LINK) or size > LARGEST or (kind == LINK) != bool(link) or (link and size):
        raise InputError(f"the archive is damaged: {name} is neither a file nor a link")
    return Member(name, bool(mode & 0o100), size, link, offset)


def number(field: bytes) -> int:
    digits = field.rstrip(b"\0 ")
    if not digits or any(digit not in b"01234567" for digit in digits):
        raise InputError("the archive is damaged: a header holds no number where one belongs")
    return int(digits, 8)


def text(field: bytes) -> str:
    try:
        return field.split(b"\0", 1)[0].decode()
    except UnicodeDecodeError:
        raise InputError("the archive is damaged: a name is no text") from None


def check_name(name: str) -> str:
    """The name, if it leads to somewhere below the folder that the archive is unpacked in. Raises InputError."""
    parts = name.split("/")
    if not name.isprintable() or any(part in ("", ".", "..") for part in parts) or "\\" in name:
        raise InputError(f"the archive is damaged: {name!r} is no path in it")
    return name


def digest(stream: BinaryIO, size: int | None = None) -> str:
    """SHA-256, in hexadecimal digits, of the rest of a stream or of its next `size` bytes. Raises InputError if it is shorter."""
    state, left = hashlib.sha256(), -1 if size is None else size
    while left and (piece := stream.read(PIECE if left < 0 else min(left, PIECE))):
        state.update(piece)
        left -= len(piece) if left > 0 else 0
    if left > 0:
        raise InputError("the archive is damaged: it breaks off")
    return state.hexdigest()
