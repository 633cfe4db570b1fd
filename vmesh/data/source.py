"""What stands at a location, and its bytes: the same three questions for a machine's own files and for S3."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from vgp.errors import InputError
from vmesh import s3
from vmesh.data.location import ENDINGS, Local, Location, Remote, is_table

SETTLED = 2.0  # seconds; the coarsest clock of a file system in use


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a table. `version` changes when the file does, so that it need not be read to know that it did not."""

    name: str
    size: int
    version: str
    settled: bool = field(default=True, compare=False)  # False: it changed so lately that it may again without a trace


@dataclass(frozen=True, slots=True)
class Fetched:
    """A part that can be read here, and the SHA-256 of its bytes."""

    path: Path
    label: str  # what messages call it
    checksum: str


class Source(Protocol):
    """A table's files."""

    def parts(self) -> tuple[Part, ...]:
        """The files, by name; at least one. Raises InputError, StorageError."""

    def fetch(self, part: Part, into: Path) -> Fetched:
        """Makes a part readable, copied to `into` if it is not on this machine. Raises InputError, StorageError."""


def open_source(location: Location) -> Source:
    """The source at a location."""
    return Files(location) if isinstance(location, Local) else Objects(location)


@dataclass(frozen=True)
class Files:
    """Files of this machine: read where they are."""

    location: Local

    def parts(self) -> tuple[Part, ...]:
        path = self.location.path
        with readable(path):
            found = sorted(entry.name for entry in os.scandir(path) if is_table(entry.name)) if path.is_dir() else [""]
            statuses = [(name, os.stat(path / name)) for name in found]
        check_tables(found, self.location)
        for name, status in statuses:
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"{path / name} is not an ordinary file; write the table to one")
        return tuple(local_part(name, status) for name, status in statuses)

    def fetch(self, part: Part, into: Path) -> Fetched:
        path = self.location.path / part.name
        with readable(path), open(path, "rb") as file:
            return Fetched(path, str(path), hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True)
class Objects:
    """Objects in S3: copied while they are summed."""

    location: Remote
    service: s3.S3 = field(default_factory=s3.S3)

    def parts(self) -> tuple[Part, ...]:
        place = self.location.place
        if not self.location.folder:
            check_tables([place.key], self.location)
            return (self._part(self.service.head(place)),)
        found = [entry for entry in self.service.list(place) if is_table(entry.place.key)]
        check_tables(found, self.location)
        return tuple(map(self._part, found))

    def fetch(self, part: Part, into: Path) -> Fetched:
        place = s3.Place(self.location.place.bucket, self.location.place.key + part.name)
        path = into / f"part{PurePosixPath(place.key).suffix.lower()}"
        into.mkdir()
        digest = hashlib.sha256()
        with open(path, "xb") as file:

            def keep(piece: bytes) -> None:
                digest.update(piece)
                file.write(piece)

            self.service.get(s3.Entry(place, part.size, part.version), keep)
        return Fetched(path, str(place), digest.hexdigest())

    def _part(self, entry: s3.Entry) -> Part:
        return Part(entry.place.key[len(self.location.place.key) :], entry.size, entry.tag)


def local_part(name: str, status: os.stat_result) -> Part:
    """A file written anew differs in a time of change or in its number, once the clock of the file system has moved on."""
    version = f"{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}:{status.st_dev}"
    return Part(name, status.st_size, version, settled=time.time() - status.st_ctime > SETTLED)


def checksum_of(parts: Sequence[Part], fetched: Sequence[Fetched], *, folder: bool) -> str:
    """SHA-256 of a single file, as sha256sum prints it; of a folder, that of the lines sha256sum prints for its tables."""
    if not folder:
        return fetched[0].checksum
    lines = (f"{one.checksum}  {part.name}\n" for part, one in zip(parts, fetched, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def check_tables(found: Sequence[object], location: Location) -> None:
    """A folder holds a table, and a file is one, which is known before gigabytes of something else are fetched."""
    kinds = ", ".join(ENDINGS)
    if location.folder and not found:
        raise InputError(f"{location} holds no table; tables end in {kinds}")
    if not location.folder and not str(location).lower().endswith(ENDINGS):
        prefix = ", a prefix in S3 in /" if isinstance(location, Remote) else ""
        raise InputError(f"{location} is of unknown kind; tables end in {kinds}{prefix}")


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """An OSError while a file of the user is read becomes an InputError that names it."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"there is no file or folder {path}; check the path") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
