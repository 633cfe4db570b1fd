"""A network in memory with a clock of its own: the deterministic twin of `zmq_transport`, for tests and simulations.

    network = MemoryNetwork(Random(1), Quality(loss=0.1, delay=(0.001, 0.02)))
    here, there = network.transport("a:1"), network.transport("b:1")
    here.send("b:1", b"hello")
    network.advance(0.02)
    there.receive()

The same random source and the same calls give the same losses, delays and orders. Nothing happens but in `send` and `advance`.
"""

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from random import Random

from vmesh.transport import Received


@dataclass(frozen=True, slots=True)
class Quality:
    """What a way from one worker to another does to messages. Chances lie between 0 and 1."""

    loss: float = 0.0
    duplication: float = 0.0  # the chance that a message comes twice
    reordering: float = 0.0  # the chance that a message is held up and later ones overtake it; the others keep their order
    delay: tuple[float, float] = (0.0, 0.0)  # s, drawn evenly between the two


@dataclass(slots=True)
class _Way:
    """From one address to another."""

    queued: int = 0  # under way or waiting at the receiver
    latest: float = -inf  # when the last message in order arrives


@dataclass(slots=True)
class _Parcel:
    way: _Way
    received: Received


class MemoryNetwork:
    """All workers of a simulation and the ways between them.

    Args:
        random: decides about loss, delay, order.
        quality: of every way that `set_quality` says nothing about.
        queue: messages from one worker to another, under way or not yet received, before more are dropped.
    """

    def __init__(self, random: Random, quality: Quality | None = None, queue: int = 64) -> None:
        self.now = 0.0
        self.counters: Counter[str] = Counter()  # sent, full, lost, cut, duplicated, delivered, unreachable
        self._random = random
        self._quality = quality or Quality()
        self._queue = queue
        self._ends: dict[str, MemoryTransport] = {}
        self._ways: dict[tuple[str, str], _Way] = {}
        self._qualities: dict[tuple[str, str], Quality] = {}
        self._sides: dict[str, int] = {}
        self._cut: set[tuple[str, str]] = set()
        self._under_way: list[tuple[float, int, str, _Parcel]] = []
        self._order = itertools.count()

    def transport(self, address: str, identity: str = "") -> "MemoryTransport":
        """A worker's end, in place of the one that had this address before. `identity` stands for the key that it proves."""
        if address in self._ends:
            self._ends[address].close()
        end = self._ends[address] = MemoryTransport(self, address, identity)
        return end

    # --- the clock ---

    def advance(self, seconds: float) -> None:
        """Moves the clock on and hands over what arrives until then."""
        self.advance_to(self.now + seconds)

    def advance_to(self, moment: float) -> None:
        """The same up to a moment; moments that have passed already change nothing."""
        self.now = max(self.now, moment)
        while self._under_way and self._under_way[0][0] <= self.now:
            _, _, address, parcel = heapq.heappop(self._under_way)
            end = self._ends.get(address)
            if end is None:
                parcel.way.queued -= 1
                self.counters["unreachable"] += 1
            else:
                self.counters["delivered"] += 1
                end._inbox.append(parcel)

    def next_arrival(self) -> float:
        """When the next message arrives; infinity: none is under way."""
        return self._under_way[0][0] if self._under_way else inf

    # --- what a test does to the network ---

    def set_quality(self, sender: str, receiver: str, quality: Quality) -> None:
        """One way, in one direction."""
        self._qualities[sender, receiver] = quality

    def cut(self, sender: str, receiver: str) -> None:
        """Nothing gets from there to here any more; the way back stays open."""
        self._cut.add((sender, receiver))

    def mend(self, sender: str, receiver: str) -> None:
        """Takes a cut back."""
        self._cut.discard((sender, receiver))

    def partition(self, *sides: Iterable[str]) -> None:
        """Only workers of one side reach each other; those that no side names form one more. What is under way arrives."""
        self._sides = {address: number for number, side in enumerate(sides, 1) for address in side}

    def heal(self) -> None:
        """Ends the partition and all cuts."""
        self._sides.clear()
        self._cut.clear()

    def slow_down(self, address: str, interval: float) -> None:
        """From now on that worker gets a message only so often; 0: as it likes."""
        self._ends[address]._interval = interval

    # --- for the ends ---

    def _send(self, sender: "MemoryTransport", address: str, payload: bytes) -> bool:
        between = sender.address, address
        way = self._ways.setdefault(between, _Way())
        if way.queued >= self._queue:
            self.counters["full"] += 1
            return False
        self.counters["sent"] += 1
        quality = self._qualities.get(between, self._quality)
        if between in self._cut or self._sides.get(sender.address, 0) != self._sides.get(address, 0):
            self.counters["cut"] += 1
        elif self._random.random() < quality.loss:
            self.counters["lost"] += 1
        else:
            self._put_under_way(way, quality, address, Received(payload, sender.identity))
            if self._random.random() < quality.duplication and way.queued < self._queue:
                self.counters["duplicated"] += 1
                self._put_under_way(way, quality, address, Received(payload, sender.identity))
        return True

    def _put_under_way(self, way: _Way, quality: Quality, address: str, received: Received) -> None:
        arrival = self.now + self._random.uniform(*quality.delay)
        if self._random.random() < quality.reordering:
            arrival += self._random.uniform(*quality.delay)
        else:
            arrival = way.latest = max(way.latest, arrival)
        way.queued += 1
        heapq.heappush(self._under_way, (arrival, next(self._order), address, _Parcel(way, received)))

    def _close(self, end: "MemoryTransport") -> None:
        if self._ends.get(end.address) is end:
            del self._ends[end.address]

    def _forget(self, sender: str, receiver: str) -> None:
        way = self._ways.pop((sender, receiver), None)
        kept = [entry for entry in self._under_way if entry[3].way is not way]
        if len(kept) < len(self._under_way):
            self._under_way = kept
            heapq.heapify(self._under_way)


@dataclass(slots=True)
class MemoryTransport:
    """One worker's end of a MemoryNetwork; a `vmesh.transport.Transport`."""

    _network: MemoryNetwork
    address: str
    identity: str
    _inbox: deque[_Parcel] = field(default_factory=deque)
    _interval: float = 0.0
    _ready: float = -inf  # when a slow receiver gets its next message
    _closed: bool = False

    def send(self, address: str, payload: bytes) -> bool:
        """Sends without waiting. False: dropped, because the way there is full or this end is closed."""
        return not self._closed and self._network._send(self, address, bytes(payload))

    def receive(self) -> Received | None:
        """The next message that has arrived, or None."""
        if not self._inbox or self._network.now < self._ready:
            return None
        self._ready = self._network.now + self._interval
        parcel = self._inbox.popleft()
        parcel.way.queued -= 1
        return parcel.received

    def forget(self, address: str) -> None:
        """Drops what is under way there."""
        self._network._forget(self.address, address)

    def close(self) -> None:
        """What was not received is gone; what is under way from here arrives."""
        self._closed = True
        self._network._close(self)
        while self._inbox:
            self._inbox.popleft().way.queued -= 1
