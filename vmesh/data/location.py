"""Where a table is: a file, a folder of table files, an object in S3, or a prefix of objects there.

    /data/planets.csv  file:///data/planets.csv    a file
    /data/parts  /data/parts/                      a folder: its tables with equal columns, one after the other by name
    s3://bucket/planets.parquet                    an object
    s3://bucket/parts/                             the tables right below a prefix, like a folder
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from vgp.errors import InputError
from vmesh import s3

WHOLE_BUCKET = re.compile(r"s3://[^/]+")
#: Endings that vgp.tables reads; listed here so that a worker can start without pyarrow.
ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Local:
    """A file or folder of this machine, as an absolute path."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def folder(self) -> bool:
        return self.path.is_dir()


@dataclass(frozen=True, slots=True)
class Remote:
    """An object in S3, or a prefix, which ends in "/" or is empty."""

    place: s3.Place

    def __str__(self) -> str:
        return str(self.place)

    @property
    def folder(self) -> bool:
        return self.place.key.endswith("/") or not self.place.key


Location = Local | Remote


def parse(url: str) -> Location:
    """The location that a URL or path names; its str() is the same from every working directory. Raises InputError."""
    if not url or not url.isprintable():
        raise InputError(f"{url!r} names no table; give a file, a folder or s3://bucket/key")
    if url.startswith(s3.SCHEME):
        return Remote(s3.parse(url))
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Local(Path(os.path.abspath(os.path.expanduser(url))))
    if scheme != "file" or not rest.startswith("/"):
        raise InputError(f"{url}: tables are read from a file, a folder, file:///path or s3://bucket/key")
    return Local(Path(os.path.abspath(unquote(rest))))


def is_table(name: str) -> bool:
    """Whether a file in a folder is one of its tables; hidden files and markers such as _SUCCESS are none."""
    base = PurePosixPath(name)
    return base.suffix.lower() in ENDINGS and not base.name.startswith((".", "_"))


def prefixes(allowed: str, url: str) -> tuple[str, ...]:
    """Where announced tables may come from: the setting `data_from`, or beside the table at `url` if it is empty."""
    given = [prefix.strip() for prefix in allowed.split(",") if prefix.strip()]
    if given:
        return tuple(str(parse(f"{prefix}/" if WHOLE_BUCKET.fullmatch(prefix) else prefix)) for prefix in given)
    return (str(parse(url)).rstrip("/").rpartition("/")[0] + "/",)


def is_allowed(url: str, allowed: Sequence[str]) -> bool:
    """Whether a URL is one of the prefixes or lies below one; "/data" is not a prefix of "/database"."""
    try:
        location = str(parse(url))
    except InputError:
        return False
    if ".." in location.split("/"):  # a key in S3 may hold it, and some servers follow it
        return False
    return any(location == prefix or location.startswith(prefix.rstrip("/") + "/") for prefix in allowed)
