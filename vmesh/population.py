"""The population as exchange sees it, and the inbox between the network thread and the evolution thread."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vgp.dataset import Dataset
from vgp.island import Island

#: vgp.exchange.ORGANISM records.
Standings = npt.NDArray[np.void]

INBOX_MOST = 64
INBOX_BYTES = 16 << 20


class Population(Protocol):
    """What exchange asks of a population. All of it may be called while the population evolves in another thread."""

    @property
    def columns(self) -> int:
        """Hash of the names of the inputs and the target: organisms travel only between equal ones."""

    def standings(self, most: int, seed: int) -> Standings:
        """A random sample of the living."""

    def champions(self) -> Standings:
        """The best organism of each size that beats every smaller one, sizes increasing."""

    def export(self, ids: Sequence[int], callees: bool = True) -> bytes:
        """A portable record of these organisms with all that they call; without callees, an open record of just these."""

    def missing(self, record: bytes) -> list[int]:
        """Ids that a record calls and that neither it carries nor the population holds. Raises RecordError."""

    def deliver(self, delivery: int, record: bytes) -> bool:
        """Puts an immigration into the inbox. False: it is full."""


class IslandPopulation:
    """The population of an island, with an inbox that is bounded in immigrations and bytes.

    The network thread delivers; the evolution thread takes, imports, and reports to Exchange.taken_in what became of it.
    """

    def __init__(self, island: Island, *, most: int = INBOX_MOST, most_bytes: int = INBOX_BYTES) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self._inbox: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._abandoned = False
        self.use(island)

    def use(self, island: Island) -> None:
        """From now on this island is meant; what waits in the inbox will be imported there."""
        self.island = island
        self.columns = columns_of(island.dataset)

    def abandon(self) -> None:
        """A tick that does not end holds the island: to close it would mean to wait. Its sandbox ends with this process."""
        self._abandoned = True

    def close(self) -> None:
        """Ends the island, unless it was abandoned."""
        if not self._abandoned:
            self.island.close()

    def standings(self, most: int, seed: int) -> Standings:
        return self.island.sample(most, seed)

    def champions(self) -> Standings:
        return self.island.champions()

    def export(self, ids: Sequence[int], callees: bool = True) -> bytes:
        return self.island.export(ids, callees=callees)

    def missing(self, record: bytes) -> list[int]:
        return self.island.missing(record)

    def deliver(self, delivery: int, record: bytes) -> bool:
        with self._lock:
            full = len(self._inbox) >= self.most or (self._inbox and self._bytes + len(record) > self.most_bytes)
            if full:
                return False
            self._inbox.append((delivery, record))
            self._bytes += len(record)
            return True

    def take(self) -> tuple[int, bytes] | None:
        """The next (delivery, record) to import, or None."""
        with self._lock:
            if not self._inbox:
                return None
            delivery, record = self._inbox.popleft()
            self._bytes -= len(record)
            return delivery, record

    def __len__(self) -> int:
        """Immigrations in the inbox."""
        return len(self._inbox)


def columns_of(dataset: Dataset) -> int:
    """The hash of the names of a table's inputs and target that workers compare before they believe that they talk of one table."""
    names = json.dumps([list(dataset.names), dataset.target]).encode()
    return int.from_bytes(hashlib.blake2b(names, digest_size=8).digest(), "little")
