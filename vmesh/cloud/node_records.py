"""What nodes say of themselves in the data bucket, read with few calls: one list, and one get for each record that changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from vgp.errors import VgpError
from vmesh import s3
from vmesh.cloud.places import records_prefix
from vmesh.cloud.record import LARGEST, Record, read

NAME = re.compile(r"([0-9]{5})\.json")
PARALLEL = 10  # records read at a time; boto3 keeps as many connections


@dataclass
class NodeRecords:
    """The records of a cluster, each fetched again only when its tag has changed.

    `bucket` is the data bucket, `cluster` the cluster's name.
    """

    bucket: str
    cluster: str
    service: s3.S3 = field(default_factory=lambda: s3.S3(attempts=3, pause=0.02))  # what changed while it was read is read later
    known: dict[int, Record] = field(default_factory=dict)
    _tags: dict[int, str] = field(default_factory=dict)
    _order: dict[int, int] = field(default_factory=dict)  # the turn in which a record was fetched last
    _turn: int = 0

    @property
    def folder(self) -> s3.Place:
        """Where they are."""
        return s3.Place(self.bucket, records_prefix(self.cluster))

    def read(self, settled: Iterable[int] = (), most: int | None = None) -> Mapping[int, Record]:
        """All records by index. Those of the nodes in `settled` are not fetched again though they have changed, and of the others
        no more than `most`, those that were not looked at for longest first. Raises InputError, StorageError."""
        entries = {int(match[1]): entry for entry in self.service.list(self.folder) if (match := NAME.fullmatch(_last(entry)))}
        for gone in self.known.keys() - entries.keys():
            del self.known[gone], self._tags[gone]
        passed_over = set(settled)
        changed = [index for index, entry in entries.items() if self._tags.get(index) != entry.tag and index not in passed_over]
        changed.sort(key=lambda index: self._order.get(index, 0))
        self._fetch({index: entries[index] for index in changed[:most]})
        return self.known

    def _fetch(self, entries: Mapping[int, s3.Entry]) -> None:
        self._turn += 1
        if len(entries) <= 2:  # most often, and a pool takes the time of its threads' start
            fetched = [self._get(entry) for entry in entries.values()]
        else:
            with ThreadPoolExecutor(min(PARALLEL, len(entries))) as pool:
                fetched = list(pool.map(self._get, entries.values()))
        for (index, entry), content in zip(entries.items(), fetched, strict=True):
            self._order[index] = self._turn
            record = _record(index, content)
            if record is not None:
                self.known[index], self._tags[index] = record, entry.tag

    def _get(self, entry: s3.Entry) -> bytes | None:
        """None: it has changed meanwhile, and the next list tells."""
        pieces: list[bytes] = []
        try:
            if entry.size <= LARGEST:
                self.service.get(entry, pieces.append)
        except VgpError:
            return None
        return b"".join(pieces)


def own(records: Mapping[int, Record], index: int | None, instance: str) -> Record | None:
    """The record that this instance wrote; none if it is that of a predecessor of its index."""
    record = records.get(index) if index is not None else None
    return record if record is not None and record.instance == instance else None


def evolves(record: Record) -> bool:
    """Whether all workers of the node do."""
    return record.state == "evolving" and 0 < record.workers == record.workers_evolving


def _record(index: int, content: bytes | None) -> Record | None:
    """A record is written by whoever holds the role of a node: one that is none, or another node's, counts as not said."""
    try:
        record = read(content) if content is not None else None
    except VgpError:
        return None
    return record if record is not None and record.index == index else None


def _last(entry: s3.Entry) -> str:
    return entry.place.key.rpartition("/")[2]
