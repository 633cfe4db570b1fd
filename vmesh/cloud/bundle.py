"""The deploy bundle: all that a node installs, in one tar file that begins with a manifest of the rest.

    manifest.json      Manifest: what it was built from and for, and the checksum of every other file
    node/              the role that configures a node, its playbook
    site/              site-packages: this package and everything it needs at run time, unpacked from wheels and compiled

In the deploy bucket it lies below `bundles/<id>/`, and `bundles/current-<arch>.json` names the one to launch with. Whoever reads
a manifest or a bundle that may be anything uses `Manifest.parse` and `verify`, which make of any bytes a manifest or an InputError.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from vgp.errors import InputError
from vmesh.cloud import archive
from vmesh.cloud.places import CURRENT
from vmesh.cloud.source import SHORT

FORMAT = 1
MANIFEST = "manifest.json"
LONGEST = 4 << 20  # bytes of a manifest
SHA256 = re.compile(r"[0-9a-f]{64}")
WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,127}")
TEXTS = ("id", "version", "source", "arch", "python", "glibc")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the bundle: its size in bytes and its SHA-256 in hexadecimal digits."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle was built from (version, source: SHA-256 of the source archive) and for (the other fields).

    arch            as `uname -m` says it: x86_64 or aarch64
    python          the tag of the interpreter that the compiled modules need: cp311
    glibc           the oldest C library that loads every module: 2.34
    instruction_sets  those that kernels and sandbox were compiled for: the best that a processor has is used
    wheels          what site/ was made of; files: what else is in bundle.tar
    """

    version: str
    source: str
    arch: str
    python: str
    glibc: str
    instruction_sets: tuple[str, ...]
    wheels: tuple[File, ...]
    files: tuple[File, ...]

    @property
    def id(self) -> str:
        """The bundle's name."""
        return f"{self.version}-{self.source[:SHORT]}-{self.arch}-{self.python}"

    @property
    def key(self) -> str:
        """The object's name in the deploy bucket."""
        return f"bundles/{self.id}/bundle.tar"

    def text(self) -> bytes:
        """As it is written to manifest.json."""
        fields = {"format": FORMAT, "id": self.id, **asdict(self)}
        return (json.dumps(fields, separators=(",", ":"), sort_keys=True) + "\n").encode()

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """The manifest that `text` wrote. Raises InputError for any other bytes."""
        fields = loaded(data, "the bundle's manifest")
        texts = {name: word(fields, name) for name in TEXTS}
        sets = fields.get("instruction_sets")
        if not isinstance(sets, list) or not sets or not all(isinstance(name, str) and WORD.fullmatch(name) for name in sets):
            raise InputError("the bundle's manifest is damaged: instruction_sets is no list of names")
        name = texts.pop("id")
        manifest = cls(**texts, instruction_sets=tuple(sets), wheels=files_of(fields, "wheels"), files=files_of(fields, "files"))
        if manifest.id != name or not is_sha256(manifest.source):
            raise InputError(f"the bundle's manifest is damaged: {name} is not the name of what it describes")
        return manifest


@dataclass(frozen=True)
class Current:
    """`bundles/current-<arch>.json`: the bundle that nodes of an architecture get, with size and checksum of its bundle.tar."""

    manifest: Manifest
    size: int
    sha256: str

    @property
    def key(self) -> str:
        """The object's name in the deploy bucket."""
        return current_key(self.manifest.arch)

    def text(self) -> bytes:
        """As it is written."""
        manifest = asdict(self.manifest)
        del manifest["files"], manifest["wheels"]
        fields = {"format": FORMAT, "id": self.manifest.id, "key": self.manifest.key, "size": self.size, "sha256": self.sha256}
        return (json.dumps(fields | manifest, indent=1, sort_keys=True) + "\n").encode()


def current_key(arch: str) -> str:
    """The name in the deploy bucket of the record that tells which bundle to launch with."""
    return CURRENT.format(arch=arch)


def parse_current(data: bytes) -> Current:
    """The record; its manifest has no files. Raises InputError for anything else."""
    fields = loaded(data, "the record of the current bundle")
    size, sha256 = fields.get("size"), fields.get("sha256")
    if type(size) is not int or size < 0 or not is_sha256(sha256):
        raise InputError("the record of the current bundle is damaged: it has no size and checksum; build the bundle again")
    current = Current(Manifest.parse(json.dumps(fields | {"wheels": [], "files": []}).encode()), size, sha256)
    if fields.get("key") != current.manifest.key:
        raise InputError("the record of the current bundle is damaged: its key is not that of its bundle; build the bundle again")
    return current


def verify(path: Path) -> Current:
    """Reads a whole bundle.tar: every file must be what the manifest says, and nothing else be there. Raises InputError."""
    try:
        with open(path, "rb") as file:
            return verified(file)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except InputError as error:
        raise InputError(f"{path} is no sound bundle: {error}") from None


def verified(file: BinaryIO) -> Current:
    """The same for an open file, from its beginning."""
    found: dict[str, archive.Member] = {}
    for member in archive.read(file):
        if member.link:
            raise InputError(f"{member.name} is a link")
        found[member.name] = member
    head = found.pop(MANIFEST, None)
    if head is None or head.size > LONGEST:
        raise InputError(f"it has no {MANIFEST}")
    file.seek(head.offset)
    manifest = Manifest.parse(file.read(head.size))
    compare(manifest, found, file)
    size = file.seek(0, 2)
    file.seek(0)
    return Current(manifest, size, archive.digest(file))


def compare(manifest: Manifest, found: dict[str, archive.Member], file: BinaryIO) -> None:
    expected = {row.path: row for row in manifest.files}
    if odd := sorted(expected.keys() ^ found.keys()):
        raise InputError(f"{odd[0]} is {'missing' if odd[0] in expected else 'not in its manifest'}")
    for name, row in expected.items():
        file.seek(found[name].offset)
        if row.size != found[name].size or row.sha256 != archive.digest(file, row.size):
            raise InputError(f"the checksum of {name} is wrong")


def loaded(data: bytes, what: str) -> dict[str, Any]:
    if len(data) > LONGEST:
        raise InputError(f"{what} is damaged: it is larger than {LONGEST:,} bytes")
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"{what} is damaged: it is no JSON") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise InputError(f"{what} has a format that this version does not know; it knows format {FORMAT}")
    return fields


def word(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise InputError(f"the bundle's manifest is damaged: {name} is not what it must be")
    return value


def files_of(fields: dict[str, Any], name: str) -> tuple[File, ...]:
    rows = fields.get(name)
    if not isinstance(rows, list):
        raise InputError(f"the bundle's manifest is damaged: {name} is no list")
    return tuple(map(file_of, rows))


def file_of(row: Any) -> File:
    if not isinstance(row, dict) or row.keys() != {"path", "size", "sha256"}:
        raise InputError("the bundle's manifest is damaged: a file has no path, size and checksum")
    path, size, sha256 = row["path"], row["size"], row["sha256"]
    if not isinstance(path, str) or type(size) is not int or size < 0 or not is_sha256(sha256):
        raise InputError("the bundle's manifest is damaged: a file's path, size or checksum is not what it must be")
    return File(archive.check_name(path), size, sha256)


def is_sha256(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and SHA256.fullmatch(value) is not None
