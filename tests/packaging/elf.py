"""What a compiled module asks of the system that loads it, read from its ELF file: libraries, versions of symbols, search paths.

Of 64-bit little-endian files (System V ABI; the section of versions needed: Linux Standard Base, "Symbol Versioning").
"""

import struct
from dataclasses import dataclass

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
DYNAMIC = struct.Struct("<qQ")
NEED = struct.Struct("<HHIII")
VERSION = struct.Struct("<IHHII")
OF_DYNAMIC, OF_VERSIONS = 6, 0x6FFFFFFE  # types of sections
NEEDED, RPATH, RUNPATH = 1, 15, 29  # tags of dynamic entries


class NoElfError(ValueError):
    """These bytes are no ELF file of that kind, or a damaged one."""


@dataclass(frozen=True)
class Wants:
    libraries: tuple[str, ...]  # by the name that the loader looks for: libc.so.6
    versions: frozenset[str]  # of symbols: GLIBC_2.14, GLIBCXX_3.4.29, CXXABI_1.3
    search_paths: tuple[str, ...]  # RPATH and RUNPATH


def wants(data):
    """Raises NoElfError."""
    try:
        return _wants(data)
    except (struct.error, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise NoElfError(str(error)) from None


def _wants(data):
    if data[:6] != b"\x7fELF\x02\x01":
        raise NoElfError("no ELF file of 64 bits, little-endian")
    sections = _sections(data)
    entries = [entry for section in sections if section[1] == OF_DYNAMIC for entry in _dynamic(data, section, sections)]
    versions = [name for section in sections if section[1] == OF_VERSIONS for name in _versions(data, section, sections)]
    libraries = tuple(text for tag, text in entries if tag == NEEDED)
    return Wants(libraries, frozenset(versions), tuple(text for tag, text in entries if tag in (RPATH, RUNPATH)))


def _sections(data):
    header = HEADER.unpack_from(data)
    start, size, count = header[6], header[11], header[12]
    return [SECTION.unpack_from(data, start + i * size) for i in range(count)]


def _dynamic(data, section, sections):
    start, size, link = section[4], section[5], section[6]
    for at in range(start, min(start + size, len(data)), DYNAMIC.size):
        tag, value = DYNAMIC.unpack_from(data, at)
        if tag in (NEEDED, RPATH, RUNPATH):
            yield tag, _text(data, sections[link], value)


def _versions(data, section, sections):
    """A record for each library; of each a chain of the versions needed."""
    at, link, libraries = section[4], section[6], section[7]
    for _ in range(libraries):
        _, count, _, first, further = NEED.unpack_from(data, at)
        step = at + first
        for _ in range(count):
            _, _, _, name, onward = VERSION.unpack_from(data, step)
            yield _text(data, sections[link], name)
            if not onward:
                break
            step += onward
        if not further:
            break
        at += further


def _text(data, table, offset):
    start = table[4] + offset
    if start >= len(data):
        raise NoElfError("a name lies outside of the file")
    return data[start : data.index(b"\0", start)].decode() if b"\0" in data[start : start + 4096] else ""
