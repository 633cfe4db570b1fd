"""Where a worker's life begins: at its newest whole checkpoint, with an incarnation larger than all before. The main flow here.

Local files are looked at first; S3 is asked for something newer: the worker may have lived on another machine since, or its
newest local file may be damaged. A worker with a whole checkpoint does not wait long for S3.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from vgp import checkpoint
from vgp.atomic_file import replacing, write_all
from vgp.checkpoint_file import candidates
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError, VgpError
from vmesh.checkpoints.copies import Copies, Copy, Stamp
from vmesh.checkpoints.files import Files
from vmesh.checkpoints.incarnation import last_incarnation, next_incarnation
from vmesh.errors import StorageError

BRIEFLY, LONG = 2.0, 30.0  # seconds that S3 has to list the copies, with and without a whole local checkpoint
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a life begins."""

    incarnation: int
    checkpoint: Path | None  # None: create a population
    source: str  # "local", "copy", or "" without a checkpoint
    moved: bool  # it was made on another table with the same columns: Island.resume(..., moved=True)
    notes: tuple[str, ...]  # one line each: what was damaged, or could not be asked


@dataclass(frozen=True, slots=True)
class Whole:
    """A checkpoint that was read to its end and is whole."""

    path: Path
    stamp: Stamp
    columns: tuple[str, ...]
    target: str
    fingerprint: str


def begin(files: Files, dataset: Dataset, copies: Copies | None = None, *, keep: int, clock: float) -> Beginning:
    """Finds the checkpoint to go on from and takes the next incarnation. To be called by whoever holds the worker's lock.

    `keep`: how many older local files stay when a copy becomes the newest one; `clock`: the time in seconds. Raises InputError if
    the local checkpoint belongs to another table: the run that it holds is not to be lost by accident.
    """
    notes: list[str] = []
    life = last_incarnation(files.incarnation) or 0
    local = newest_local(files, life, notes)
    if local is not None and not fits(local, dataset):
        raise InputError(
            f"{local.path}: belongs to another table (target {local.target}, columns {', '.join(local.columns)}); "
            f"give another --checkpoint-dir, or remove it"
        )
    listed = list_copies(copies, BRIEFLY if local else LONG, notes)
    newer = [copy for copy in listed if local is None or copy.stamp > local.stamp]
    fetched = fetch_first(files, dataset, copies, newer, keep, notes) if copies else None
    whole = fetched or local
    highest = max((copy.stamp.life for copy in listed), default=0)
    incarnation, wrong = next_incarnation(files.incarnation, clock, above=highest)
    moved = whole is not None and whole.fingerprint != dataset.fingerprint()
    source = "copy" if fetched else "local" if local else ""
    return Beginning(incarnation, whole.path if whole else None, source, moved, (*notes, *wrong))


def newest_local(files: Files, life: int, notes: list[str]) -> Whole | None:
    """The newest whole local file; the newer ones that are not are noted."""
    for path in map(Path, candidates(files.checkpoint)):
        try:
            return read(path, Stamp(life, path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue
        except CheckpointError as error:
            notes.append(f"{error}; the one before it is used if there is one")
    return None


def list_copies(copies: Copies | None, patience: float, notes: list[str]) -> list[Copy]:
    """The copies, newest first; none if S3 does not answer in time, which is noted."""
    if copies is None:
        return []
    try:
        return within(patience, copies.newest_first, str(copies.folder))
    except VgpError as error:
        notes.append(f"copies of checkpoints were not looked for: {error}")
        return []


def fetch_first(
    files: Files, dataset: Dataset, copies: Copies, newer: list[Copy], keep: int, notes: list[str]
) -> Whole | None:
    """Makes the first copy that is whole, and fits the table, the newest local file."""
    for copy in newer:
        try:
            return fetch(files, dataset, copies, copy, keep)
        except VgpError as error:
            notes.append(f"{copy.entry.place}: this copy is not used: {error}")
    return None


def fetch(files: Files, dataset: Dataset, copies: Copies, copy: Copy, keep: int) -> Whole:
    """The copy takes the place of the newest file only when it has been read back and is whole. Raises VgpError."""
    with replacing(files.checkpoint, keep) as fd:
        copies.get(copy, lambda piece: write_all(fd, piece))
        whole = read(Path(f"/proc/self/fd/{fd}"), copy.stamp)
        if not fits(whole, dataset):
            raise CheckpointError(f"belongs to another table (target {whole.target}, columns {', '.join(whole.columns)})")
        os.utime(fd, ns=(copy.stamp.written, copy.stamp.written))
    return Whole(files.checkpoint, whole.stamp, whole.columns, whole.target, whole.fingerprint)


def read(path: Path, stamp: Stamp) -> Whole:
    """Reads a checkpoint to its end. Raises CheckpointError if it is not whole."""
    saved = checkpoint.load(path)
    if saved.path != os.path.realpath(path):  # the engine passes a damaged file over for the one before it; here each is judged
        raise CheckpointError(saved.damaged[0])
    told: Mapping[str, object] = json.loads(bytes(saved.sections["description"]))
    names = told["names"]
    columns = tuple(map(str, names)) if isinstance(names, list) else ()
    return Whole(path, stamp, columns, str(told.get("target")), str(told["fingerprint"]))


def fits(whole: Whole, dataset: Dataset) -> bool:
    """Whether it was made on this table, or on another one with the same columns."""
    return whole.columns == dataset.names and whole.target == dataset.target


def within(seconds: float, ask: Callable[[], Answer], where: str) -> Answer:
    """The answer, or StorageError after so many seconds: the deadlines of single calls add up to more."""
    answers: list[Answer] = []
    errors: list[VgpError] = []

    def run() -> None:
        try:
            answers.append(ask())
        except VgpError as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="list copies", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise StorageError(f"{where}: S3 did not answer within {seconds:g} s")
    return answers[0]
