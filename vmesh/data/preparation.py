"""From a URL to a table that a worker evolves on, fetched and parsed once per machine: the main flow of this package."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vgp.dataset import Dataset
from vgp.errors import InputError
from vmesh.data import stored_table
from vmesh.data.cache import Cache, Notify, key_of
from vmesh.data.location import Location, parse
from vmesh.data.source import Fetched, Part, Source, checksum_of, open_source
from vmesh.data.stored_table import BYTES, Damaged
from vmesh.errors import StorageError

CHECKSUM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Prepared:
    """A table ready for an island: `Island(dataset, data_file=data_file)`. Both are mapped, and shared by all who prepared it."""

    dataset: Dataset
    data_file: Path
    checksum: str  # SHA-256 of the bytes at `url`, or of the list of them for a folder
    url: str  # as others on this machine can use it: absolute
    notices: tuple[str, ...]  # columns that were left out, a line each
    fetched: bool  # False: it was in the cache


@dataclass(frozen=True)
class Request:
    """What is to be prepared."""

    location: Location
    source: Source
    wanted: tuple[str, tuple[str, ...] | None, tuple[str, ...], str | None]
    checksum: str | None
    precision: str

    @property
    def key(self) -> str:
        """Of the lock: who asks for the same waits for the same."""
        return key_of(str(self.location), *self.wanted)

    def known_checksum(self, store: Cache) -> str | None:
        """The one asked for, or that of what stands at the location, if it is known without reading it."""
        return self.checksum or store.seen(self.key, identity(self.source.parts()))

    def table_key(self, checksum: str) -> str:
        """Of the table: the same content and columns, wherever it came from."""
        return key_of(stored_table.FORMAT, checksum, *self.wanted)


def prepare(
    url: str,
    target: str,
    *,
    columns: Sequence[str] | None = None,
    drop: Sequence[str] = (),
    weights: str | None = None,
    checksum: str | None = None,
    precision: str = "float32",
    cache: str | os.PathLike[str] | None = None,
    notify: Notify = lambda _: None,
) -> Prepared:
    """The table at `url`, from the cache if it is there, else fetched, checked, parsed and put there.

    With a `checksum` that is in the cache nothing else is looked at. `columns` and `drop` take names or lists separated by commas,
    as on the command line. `notify` gets a line when something takes time. Raises InputError for what stays wrong until the
    user changes it, StorageError for what may be better later: S3 does not answer, the disk is full.
    """
    if checksum is not None and not CHECKSUM.fullmatch(checksum):
        raise InputError(f"the checksum '{checksum}' is no SHA-256; give the 64 hexadecimal digits that sha256sum prints")
    if precision not in BYTES:
        raise InputError(f"unknown precision '{precision}'; choose float32 or float64")
    wanted = (target, None if columns is None else tuple(columns), tuple(drop), weights)
    location = parse(url)
    request = Request(location, open_source(location), wanted, checksum, precision)
    store = Cache(cache)
    return kept(store, request, request.known_checksum(store), notify) or made(store, request, notify)


def kept(store: Cache, request: Request, checksum: str | None, notify: Notify) -> Prepared | None:
    """The table with that checksum from the cache, if it is there and whole, in the precision asked for."""
    if checksum is None:
        return None
    folder = store.table(request.table_key(checksum))
    try:
        dataset, description = stored_table.read(folder, checksum, str(request.location))
        stored_table.map_columns(folder / request.precision, description, request.precision)
    except Damaged as damage:
        if folder.is_dir():
            notify(f"the cached table {folder} is made again: {damage}")
        return None
    store.used(folder.name)
    return Prepared(dataset, folder / request.precision, checksum, str(request.location), description.notices, fetched=False)


def made(store: Cache, request: Request, notify: Notify) -> Prepared:
    """Fetches the table, unless another process does; then that one's is used."""
    with store.fetching(request.key, lambda: notify(f"waiting for another process that fetches {request.location}")) as folder:
        known = request.known_checksum(store)
        before = kept(store, request, known, lambda _: None)
        if before is not None:
            return before
        completed = known is not None and complete(store, request, known, folder)
        checksum = known if completed else fetch(store, request, folder, notify)
        after = kept(store, request, checksum, notify)
    if after is None:
        raise StorageError(f"the cache folder {store.folder} does not keep what is written to it; choose another (worker.cache)")
    return replace(after, fetched=not completed)


def complete(store: Cache, request: Request, checksum: str, folder: Path) -> bool:
    """Makes the precision asked for from the columns in the cache, if those are there and whole."""
    table = store.table(request.table_key(checksum))
    try:
        dataset, _ = stored_table.read(table, checksum, str(request.location))
    except Damaged:
        return False
    dataset.write(folder / request.precision, request.precision)
    os.replace(folder / request.precision, table / request.precision)
    return True


def fetch(store: Cache, request: Request, folder: Path, notify: Notify) -> str:
    """Fetches, checks, parses, and puts the table into the cache, which until then holds nothing of it; returns the checksum."""
    source = request.source
    parts = source.parts()
    notify(f"fetching {request.location} ({len(parts)} file{'s'[: len(parts) > 1]}, {sum(part.size for part in parts):,} bytes)")
    fetched = [source.fetch(part, folder / f"{i}") for i, part in enumerate(parts)]
    checksum = checksum_of(parts, fetched, folder=request.location.folder)
    if source.parts() != parts:
        raise StorageError(f"{request.location} changed while it was read; start again when it is complete")
    if request.checksum not in (None, checksum):
        found = f"its SHA-256 is {checksum}, not {request.checksum} as asked for"
        raise InputError(f"{request.location}: {found}; nothing of it was kept")
    if kept(store, request, checksum, notify) is None:
        table = folder / "table"
        table.mkdir()
        parse_into(table, request, fetched, checksum)
        store.publish(table, request.table_key(checksum))
    if all(part.settled for part in parts):
        store.note(request.key, identity(parts), checksum, folder)
    return checksum


def parse_into(table: Path, request: Request, fetched: Sequence[Fetched], checksum: str) -> None:
    """Reads the files and writes the stored table; messages call the files what the user calls them."""
    from vmesh.data import parts  # pyarrow, which a start from the cache does not need

    try:
        dataset, notices = parts.read([one.path for one in fetched], str(request.location), parts.Wanted(*request.wanted))
        stored_table.write(table, dataset, str(request.location), checksum, notices)
        if request.precision != "float64":
            dataset.write(table / request.precision, request.precision)
    except InputError as error:
        text = str(error)
        for one in fetched:
            text = text.replace(str(one.path), one.label)
        raise InputError(text) from error.__cause__


def identity(parts: Sequence[Part]) -> str:
    """Of what stands at a location: it changes when a file does."""
    return key_of(*((part.name, part.size, part.version) for part in parts))
