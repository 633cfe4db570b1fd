"""A worker's copies in S3: what they are called, which is newest, which are removed.

    s3://bucket/PREFIX/HOSTNAME/worker-INDEX/LIFE-WRITTEN.checkpoint

LIFE is the incarnation of the life that wrote it, WRITTEN the time of the file in nanoseconds; of two copies the one with the
larger pair is newer, and a clock that was set back between two lives does not matter. A copy is never written over: a life that
could not reach S3 at its start, and began anew, does not destroy what the one before it left there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from vmesh import s3
from vmesh.checkpoints.files import Files

KEPT = 2  # of the own life, beside the newest of the life before
NAME = re.compile(r"([0-9]{20})-([0-9]{20})\.checkpoint")


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When a checkpoint was written: in which life, and at what time (nanoseconds)."""

    life: int
    written: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in S3."""

    stamp: Stamp
    entry: s3.Entry


class Copies:
    """The copies of one worker below `url` ("s3://bucket/prefix"). Raises InputError for anything else."""

    def __init__(self, url: str, files: Files, service: s3.S3 | None = None) -> None:
        base = s3.parse(url if "/" in url.removeprefix(s3.SCHEME) else f"{url}/")
        folder = "/".join(filter(None, (base.key.strip("/"), quote(files.hostname, safe=""), f"worker-{files.index}")))
        self.folder = s3.Place(base.bucket, f"{folder}/")
        self._service = service or s3.S3()

    def newest_first(self) -> list[Copy]:
        """All copies. Raises InputError, StorageError."""
        matched = ((NAME.fullmatch(entry.place.key[len(self.folder.key) :]), entry) for entry in self._service.list(self.folder))
        found = [Copy(Stamp(int(match[1]), int(match[2])), entry) for match, entry in matched if match]
        return sorted(found, key=lambda copy: copy.stamp, reverse=True)

    def get(self, copy: Copy, write: Callable[[bytes], object]) -> None:
        """The bytes of a copy. Raises InputError, StorageError."""
        self._service.get(copy.entry, write)

    def put(self, file: BinaryIO, size: int, stamp: Stamp) -> None:
        """Writes a copy. Raises InputError, StorageError."""
        name = f"{stamp.life:020d}-{stamp.written:020d}.checkpoint"
        self._service.put(s3.Place(self.folder.bucket, self.folder.key + name), file, size)

    def prune(self, life: int) -> None:
        """Removes the copies that no start would need. Raises InputError, StorageError."""
        copies = self.newest_first()
        own = [copy for copy in copies if copy.stamp.life == life]
        earlier = [copy for copy in copies if copy.stamp.life < life]
        for copy in own[KEPT:] + earlier[1:]:
            self._service.delete(copy.entry.place)
