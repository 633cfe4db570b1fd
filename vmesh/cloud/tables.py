"""The table of a cluster: given as a file or as s3://bucket/key, kept from the launch before, or the example in this project."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vgp.errors import InputError
from vmesh import s3
from vmesh.data.location import Local, Remote, is_table, parse

FOLDER = "tables/"  # in the data bucket: what nodes may read
READ_WHOLE = 64 << 20  # bytes up to which a table is read here; of a larger one the nodes say what is wrong
EXAMPLE, EXAMPLE_TARGET = "examples/planets.csv", "orbital_period_days"


@dataclass(frozen=True, slots=True)
class Choice:
    """What formulas are sought for. `data`: a file's absolute path, or s3://bucket/key."""

    data: str
    target: str
    columns: str = ""  # names separated by commas; empty: all
    drop: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Whether it has to be brought to the data bucket."""
        return not self.data.startswith(s3.SCHEME)


def check(choice: Choice, bucket: str, readable: Sequence[str], store: s3.S3) -> None:
    """Raises InputError for a table that is not there, that nodes may not read, or without the target; StorageError.

    `readable`: other places in S3 that setup.yml has opened to nodes.
    """
    if not choice.target:
        raise InputError(f"which column of {choice.data} is to be explained? add -e target=COLUMN")
    location = parse(choice.data)
    if isinstance(location, Local):
        check_file(choice, location.path)
    else:
        check_object(location, bucket, readable, store)


def check_file(choice: Choice, path: Path) -> None:
    """The columns of a file, as `vmesh up` would read them."""
    if not path.exists():
        raise InputError(f"there is no table {path}; give data as a file or as s3://bucket/key")
    if not path.is_file() or not is_table(path.name):
        raise InputError(f"{path} is no table; give one file that ends in .csv, .tsv, .txt, .parquet or .pq")
    if path.stat().st_size > READ_WHOLE:
        return
    from vgp.tables import read_table  # with pyarrow, which takes a third of a second

    columns = [name.strip() for name in choice.columns.split(",") if name.strip()] or None
    table = read_table(path).choose(columns, choice.drop, [choice.target])
    table.column(choice.target, needed=True)


def check_object(location: Remote, bucket: str, readable: Sequence[str], store: s3.S3) -> None:
    """That it is there, and that nodes may read it."""
    opened = (f"{s3.SCHEME}{bucket}/{FOLDER}", *(place if place.endswith("/") else f"{place}/" for place in readable))
    if not str(location).startswith(opened) and str(location) not in readable:
        raise InputError(
            f"nodes may not read {location}; name its place in cluster_tables and run ansible-playbook setup.yml again, "
            f"or copy it below {opened[0]}"
        )
    if not location.folder:
        store.head(location.place)
    elif not any(is_table(entry.place.key) for entry in store.list(location.place)):
        raise InputError(f"there is no table right below {location}; check the name")


def chosen(data: str, target: str, columns: str, drop: Sequence[str], kept: Choice | None, root: Path) -> Choice:
    """The given table; else the one that the running cluster has; else the example. Raises InputError."""
    if data:
        location = parse(data)
        return Choice(str(location), target, columns, tuple(drop))
    if kept is not None:
        return Choice(kept.data, target or kept.target, columns or kept.columns, tuple(drop) or kept.drop)
    if target and target != EXAMPLE_TARGET:
        raise InputError(f"target is {target!r}, but which table has that column? add -e data=FILE")
    return Choice(str(root / EXAMPLE), EXAMPLE_TARGET, columns, tuple(drop))


def object_key(path: Path, sha256: str) -> str:
    """Where a file goes in the data bucket: the same content always to the same place."""
    name = re.sub(r"[^0-9A-Za-z._-]+", "_", path.name)
    return f"{FOLDER}{sha256[:12]}-{name}"


def upload(path: Path, bucket: str, store: s3.S3, *, check: bool) -> tuple[str, bool]:
    """Brings a file to the data bucket, unless it is there; its URL, and whether it was not. Raises InputError, StorageError."""
    try:
        with open(path, "rb") as file:
            place = s3.Place(bucket, object_key(path, hashlib.file_digest(file, "sha256").hexdigest()))
            size = os.fstat(file.fileno()).st_size
            there = store.find(place)
            if there is not None and there.size == size:
                return str(place), False
            file.seek(0)
            if not check:
                store.put(place, file, size)
            return str(place), True
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; choose another table") from None
