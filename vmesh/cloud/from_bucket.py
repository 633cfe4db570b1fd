"""What nodes have left in the data bucket: the newest checkpoint of each worker; of ended nodes journals and histories."""

from __future__ import annotations

import gzip
import re
import shutil
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from vgp import checkpoint
from vgp.atomic_file import replacing, write_all
from vgp.errors import CheckpointError, VgpError
from vmesh import s3
from vmesh.checkpoints.copies import NAME, Stamp
from vmesh.cloud.places import checkpoints_prefix, histories_prefix, logs_prefix
from vmesh.history import reader as history

FOLDER = re.compile(r"([^/]+)/worker-([0-9]{1,6})/([^/]+)")
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")  # what a file from elsewhere may be called here
HISTORY = re.compile(rf"({SAFE.pattern})/({history.NAME.pattern})\.gz")
PARALLEL = 8  # objects at a time


@dataclass(frozen=True, slots=True)
class Copy:
    """A worker's checkpoint in the bucket."""

    hostname: str
    worker: int
    stamp: Stamp
    entry: s3.Entry


@dataclass
class Brought:
    """What came, below the folder that was given, and what did not: a sentence each."""

    files: list[Path]
    problems: list[str]


def copies(service: s3.S3, bucket: str, cluster: str) -> dict[tuple[str, int], list[Copy]]:
    """The copies of each worker (hostname, index), newest first. Raises InputError, StorageError."""
    prefix = s3.Place(bucket, f"{checkpoints_prefix(cluster)}/")
    found: dict[tuple[str, int], list[Copy]] = {}
    for entry in service.tree(prefix):
        place = FOLDER.fullmatch(entry.place.key[len(prefix.key) :])
        name = NAME.fullmatch(place[3]) if place else None
        if place and name and SAFE.fullmatch(unquote(place[1])):
            copy = Copy(unquote(place[1]), int(place[2]), Stamp(int(name[1]), int(name[2])), entry)
            found.setdefault((copy.hostname, copy.worker), []).append(copy)
    for listed in found.values():
        listed.sort(key=lambda copy: copy.stamp, reverse=True)
    return dict(sorted(found.items()))


def checkpoints(service: s3.S3, found: dict[tuple[str, int], list[Copy]], folder: Path) -> Brought:
    """The newest whole checkpoint of each worker, as HOSTNAME/worker-INDEX.checkpoint: a folder that `vmesh up` goes on from."""

    def bring(listed: list[Copy]) -> Path | str:
        path = folder / listed[0].hostname / f"worker-{listed[0].worker}.checkpoint"
        path.parent.mkdir(parents=True, exist_ok=True)
        wrong = ""
        for copy in listed:
            try:
                fetch(service, copy.entry, path)
                if checkpoint.load(path).damaged:
                    raise CheckpointError("is damaged")
                return path
            except VgpError as error:
                path.unlink(missing_ok=True)
                wrong = wrong or str(error)
        return f"the checkpoint of {listed[0].hostname}/{listed[0].worker} did not come: {wrong}"

    with ThreadPoolExecutor(PARALLEL) as pool:
        return _sorted_out(list(pool.map(bring, found.values())))


def logs(service: s3.S3, bucket: str, cluster: str, folder: Path) -> Brought:
    """All journals that ended nodes have left. Raises InputError, StorageError if they cannot be listed."""
    prefix = s3.Place(bucket, logs_prefix(cluster))
    entries = [entry for entry in service.list(prefix) if SAFE.fullmatch(entry.place.key[len(prefix.key) :])]
    folder.mkdir(parents=True, exist_ok=True)

    def bring(entry: s3.Entry) -> Path | str:
        path = folder / entry.place.key[len(prefix.key) :]
        try:
            fetch(service, entry, path)
            return path
        except VgpError as error:
            return f"a journal did not come: {error}"

    with ThreadPoolExecutor(PARALLEL) as pool:
        return _sorted_out(list(pool.map(bring, entries)))


def histories(service: s3.S3, bucket: str, cluster: str, folder: Path) -> Brought:
    """Those of ended nodes, as NODE-INSTANCE/worker-INDEX.history.sqlite. Raises InputError, StorageError."""
    prefix = s3.Place(bucket, histories_prefix(cluster))
    found = [(entry, HISTORY.fullmatch(entry.place.key[len(prefix.key) :])) for entry in service.tree(prefix)]

    def bring(entry: s3.Entry, path: Path) -> Path | str:
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = path.with_name(f"{path.name}.gz")
        try:
            fetch(service, entry, packed)
            with gzip.open(packed) as file, open(path, "wb") as whole:
                shutil.copyfileobj(file, whole, 1 << 20)
        except (VgpError, OSError, EOFError, zlib.error) as error:
            path.unlink(missing_ok=True)
            return f"a history did not come: {path.parent.name}/{path.name}: {error}"
        finally:
            packed.unlink(missing_ok=True)
        if history.is_history(path):
            return path
        path.unlink()
        return f"a history did not come: {path.parent.name}/{path.name} is damaged"

    with ThreadPoolExecutor(PARALLEL) as pool:
        return _sorted_out(list(pool.map(lambda one: bring(*one), [(entry, folder / m[1] / m[2]) for entry, m in found if m])))


def fetch(service: s3.S3, entry: s3.Entry, path: Path) -> None:
    """An object as a file, whole or not at all. Raises VgpError."""
    with replacing(path) as fd:
        service.get(entry, lambda piece: write_all(fd, piece))


def _sorted_out(results: Sequence[Path | str]) -> Brought:
    return Brought([one for one in results if isinstance(one, Path)], [one for one in results if isinstance(one, str)])
