"""A parsed table in the cache: a folder with a description and the columns, shared by all workers of the machine.

    description   one line of JSON, and a line with its checksum
    float64       the engine's data file (vgp/core/datafile.hpp) in full precision: what the data set's columns are mapped from
    float32       the same in the other precision, for the sandbox; made when it is first asked for

Reading is total: what is not whole, or does not fit together, is no stored table.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import mmap
import os
import shutil
import weakref
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vgp.dataset import HEADER, HEADER_BYTES, MAGIC, ROW_PADDING, VERSION, Dataset
from vgp.hashing import content_hash

FORMAT = 1
BYTES = {"float32": 4, "float64": 8}


@dataclass(frozen=True)
class Description:
    """What the columns are, and where they came from."""

    url: str
    checksum: str
    names: tuple[str, ...]
    target: str
    rows: int
    weighted: bool
    fingerprint: str
    notices: tuple[str, ...]


@dataclass(frozen=True)
class StoredOrigin:
    """Where the rows of a stored table came from."""

    url: str

    def __str__(self) -> str:
        return self.url

    def place(self, row: int) -> str:
        return f"{self.url}, row {row + 1}"


@dataclass(frozen=True, eq=False)
class StoredDataset(Dataset):
    """A data set whose columns are mapped, and whose fingerprint need not be computed for each checkpoint."""

    known_fingerprint: str = ""

    def fingerprint(self) -> str:
        return self.known_fingerprint


class Damaged(Exception):
    """Why a folder holds no whole table."""


def write(folder: Path, dataset: Dataset, url: str, checksum: str, notices: tuple[str, ...]) -> None:
    """Writes description and float64 into an empty folder. Raises InputError, OSError."""
    description = Description(
        *(url, checksum, dataset.names, dataset.target, dataset.n_rows, dataset.weights is not None),
        *(dataset.fingerprint(), notices),
    )
    dataset.write(folder / "float64", "float64")
    text = json.dumps({"format": FORMAT, **asdict(description)}).encode()
    (folder / "description").write_bytes(text + b"\n" + sum_of(text) + b"\n")


def read(folder: Path, checksum: str, url: str = "") -> tuple[StoredDataset, Description]:
    """The table with that checksum, its columns mapped; while the data set lives the folder is in use.

    `url`: where the same content stands for whoever asks now; empty: where it was fetched from first.
    Raises Damaged, also if there is none.
    """
    use = take_use(folder)
    try:
        dataset, description = read_columns(folder, url)
        if description.checksum != checksum:
            raise Damaged("it is another table")
    except BaseException:
        os.close(use)
        raise
    weakref.finalize(dataset, os.close, use)
    return dataset, description


def take_use(folder: Path) -> int:
    """A descriptor whose lock says that a sandbox may open the table's files again at any time."""
    try:
        fd = os.open(folder / "description", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Damaged(f"its description cannot be read: {error.strerror}") from None
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(fd, fcntl.LOCK_SH)
    if not os.fstat(fd).st_nlink:
        os.close(fd)
        raise Damaged("it was removed")
    return fd


def remove_unused(folder: Path) -> None:
    """Removes a table unless it is in use. Raises OSError."""
    with open(folder / "description", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)


def read_columns(folder: Path, url: str = "") -> tuple[StoredDataset, Description]:
    description = read_description(folder)
    columns = map_columns(folder / "float64", description, "float64")[:, : description.rows]
    inputs = len(description.names)
    dataset = StoredDataset(
        names=description.names,
        target=description.target,
        X=columns[:inputs].T,
        y=columns[inputs],
        weights=columns[inputs + 1] if description.weighted else None,
        origin=StoredOrigin(url or description.url),
        known_fingerprint=description.fingerprint,
    )
    return dataset, description


def read_description(folder: Path) -> Description:
    try:
        text, _, rest = (folder / "description").read_bytes().partition(b"\n")
        if rest != sum_of(text) + b"\n":
            raise Damaged("its description is damaged")
        fields: dict[str, Any] = json.loads(text)
        if fields.pop("format") != FORMAT:
            raise Damaged("its format is another")
        fields.update(names=tuple(fields["names"]), notices=tuple(fields["notices"]))
        return Description(**fields)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(f"its description cannot be read: {error}") from None


def map_columns(path: Path, description: Description, precision: str) -> np.ndarray[Any, Any]:
    """The columns (inputs, target, weights; padded rows) of a data file that is what the description says, to the last bit."""
    padded = -(-description.rows // ROW_PADDING) * ROW_PADDING
    columns = len(description.names) + 1 + description.weighted
    element = BYTES[precision]
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size != HEADER_BYTES + columns * padded * element:
                raise Damaged(f"{path.name} is not as long as it was")
            content = np.frombuffer(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ), np.uint8)
    except (OSError, ValueError) as error:
        raise Damaged(f"{path.name} cannot be read: {error}") from None
    body = content[HEADER_BYTES:]
    shape = (description.rows, padded, len(description.names), 1, int(description.weighted), 0)
    header = HEADER.pack(MAGIC, VERSION, element, *shape, content_hash(body))
    if content[: HEADER_BYTES].tobytes() != header.ljust(HEADER_BYTES, b"\0"):
        raise Damaged(f"{path.name} is damaged: its checksum is wrong")
    return body.view(f"<f{element}").reshape(columns, padded)


def sum_of(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).hexdigest().encode()
