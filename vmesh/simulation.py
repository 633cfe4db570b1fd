"""Many membership machines in virtual time: no sockets, no threads, any size, every choice from one seed.

    mesh = Simulation(seed=1)
    mesh.start(1000, seeds=3)
    mesh.run(30.0)
    mesh.kill(range(500))
    assert mesh.largest_part() == 1.0

Messages take a random time, and may be lost or kept from crossing a partition. Time passes in small slots; what happens in one slot
happens in the order in which it was sent.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from vmesh import settings
from vmesh.membership import Membership
from vmesh.message_sizes import MessageSizes
from vmesh.messages import Member, Message
from vmesh.outputs import LinkDown, LinkUp, NameTaken, Output, Send

SLOTS = 64  # in a ping interval

Delivery = tuple[int, Member, Message]


class Worker:
    """One simulated worker, and what went out of it."""

    __slots__ = ("address", "alive", "bytes_sent", "due", "events", "left", "machine", "messages_sent")

    def __init__(self, machine: Membership) -> None:
        self.machine = machine
        self.address = machine.me.address
        self.alive = True
        self.left = False
        self.due = -1  # the slot in which it is looked at next
        self.bytes_sent = 0
        self.messages_sent = 0
        self.events: list[Output] = []  # links and lost names; emptied by whoever reads them


class Simulation:
    """A mesh.

    Args:
        seed: of every choice, in the machines and on the way.
        membership: settings of all workers.
        latency: shortest and longest time on the way, in seconds.
        loss: the part of all messages that is lost.
    """

    def __init__(
        self,
        seed: int = 1,
        membership: settings.Membership | None = None,
        latency: tuple[float, float] = (0.0005, 0.05),
        loss: float = 0.0,
    ) -> None:
        self.settings = membership or settings.Membership()
        self.random = Random(seed)
        self.loss = loss
        self.passes: Callable[[int, int], bool] | None = None  # (from, to): may a message go that way? None: everywhere
        self.workers: list[Worker] = []
        self._slot_time = self.settings.ping_interval / SLOTS
        self._slot = 0
        self._queue: dict[int, tuple[list[Delivery], list[int]]] = {}
        self._at: dict[str, int] = {}
        self._shortest = max(1, round(latency[0] / self._slot_time))
        self._spread = max(1, round(latency[1] / self._slot_time)) - self._shortest + 1
        self._sizes = MessageSizes()

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self._slot * self._slot_time

    # --- what happens to workers ---

    def add(self, name: str, seeds: Sequence[str], address: str = "", incarnation: int = 1) -> int:
        """Starts one worker; its index is the answer."""
        index = len(self.workers)
        address = address or f"10.{index >> 16}.{index >> 8 & 255}.{index & 255}:7100"
        me = Member(name, address, incarnation, self.random.getrandbits(64), address[:-1] + "1")
        worker = Worker(Membership(me, self.settings, Random(self.random.getrandbits(64))))
        self.workers.append(worker)
        self._at[address] = index
        self._after(index, worker.machine.join(seeds, self.now))
        return index

    def start(self, number: int, seeds: int = 2, rounds: float = 0.0) -> None:
        """Starts so many workers, evenly over some rounds (ping intervals); the first `seeds` of them are everyone's seeds.

        Eight at a time share a host; hosts start in no order of their names.
        """
        addresses = [f"10.0.0.{i}:7100" for i in range(seeds)]
        begin = self.now
        for i in range(number):
            wait = begin + i * rounds * self.settings.ping_interval / number - self.now
            if wait >= self._slot_time:
                self.run(wait)
            self.add(f"host-{i // 8 * 7919 % 10007}/{i % 8}", addresses)

    def kill(self, indices: Iterable[int]) -> None:
        """They stop without a word."""
        for index in indices:
            self.workers[index].alive = False

    def wake(self, index: int) -> None:
        """One that was stopped (see `kill`) goes on where it was."""
        self.workers[index].alive = True
        self._after(index, self.workers[index].machine.advance(self.now))

    def leave(self, index: int) -> None:
        """It says goodbye."""
        worker = self.workers[index]
        self._after(index, worker.machine.leave(self.now))
        worker.alive, worker.left = False, True

    # --- time ---

    def run(self, seconds: float) -> None:
        """Lets so much time pass."""
        with _no_collections():
            for _ in range(round(seconds / self._slot_time)):
                self._slot += 1
                self._pass_slot()

    def rounds(self, number: float) -> None:
        """Lets so many ping intervals pass."""
        self.run(number * self.settings.ping_interval)

    def _pass_slot(self) -> None:
        due = self._queue.pop(self._slot, None)
        if due is None:
            return
        now, workers, slot = self.now, self.workers, self._slot
        deliveries, timers = due
        for index, sender, message in deliveries:
            if workers[index].alive:
                self._after(index, workers[index].machine.receive(sender, message, now))
        for index in timers:
            worker = workers[index]
            if worker.due == slot:
                worker.due = -1
                if worker.alive:
                    self._after(index, worker.machine.advance(now))

    def _after(self, index: int, outputs: list[Output]) -> None:
        worker = self.workers[index]
        if outputs:
            me = worker.machine.me
            for output in outputs:
                if type(output) is Send:
                    self._send(index, worker, me, output)
                else:
                    worker.events.append(output)
        slot = max(self._slot + 1, -int(-worker.machine.next_timer() // self._slot_time))
        if worker.due < 0 or slot < worker.due:
            worker.due = slot
            self._at_slot(slot)[1].append(index)

    def _send(self, index: int, worker: Worker, me: Member, output: Send) -> None:
        worker.messages_sent += 1
        worker.bytes_sent += self._sizes.of(me, output.message)
        to = self._at.get(output.address)
        if to is None or (self.loss and self.random.random() < self.loss):
            return
        if self.passes is None or self.passes(index, to):
            slot = self._slot + self._shortest + int(self._spread * self.random.random())
            self._at_slot(slot)[0].append((to, me, output.message))

    def _at_slot(self, slot: int) -> tuple[list[Delivery], list[int]]:
        due = self._queue.get(slot)
        if due is None:
            due = self._queue[slot] = ([], [])
        return due

    # --- what an onlooker sees ---

    def living(self) -> list[int]:
        """Indices of the workers that run."""
        return [index for index, worker in enumerate(self.workers) if worker.alive]

    def links(self, index: int) -> list[int]:
        """The living neighbours of a worker, as it believes."""
        at = (self._at[member.address] for member in self.workers[index].machine.active)
        return [other for other in at if self.workers[other].alive]

    def largest_part(self) -> float:
        """The part of the living workers that hangs together by links."""
        living = self.living()
        joined: dict[int, list[int]] = {index: [] for index in living}
        for index in living:
            for other in self.links(index):
                joined[index].append(other)
                joined[other].append(index)
        largest, seen = 0, set[int]()
        for index in living:
            if index not in seen:
                before = len(seen)
                _reach(joined, index, seen)
                largest = max(largest, len(seen) - before)
        return largest / max(1, len(living))

    def linked(self, least: int) -> float:
        """The part of the living workers that have at least so many living neighbours."""
        living = self.living()
        return sum(len(self.links(index)) >= least for index in living) / max(1, len(living))

    def stale(self) -> float:
        """The part of all entries of the passive views that name a dead worker."""
        entries = [self._at[member.address] for index in self.living() for member in self.workers[index].machine.passive]
        return sum(not self.workers[other].alive for other in entries) / max(1, len(entries))

    def ring_errors(self) -> int:
        """Living workers whose successor is not the next living name."""
        names = sorted(self.workers[index].machine.me.name for index in self.living())
        right = dict(zip(names, names[1:] + names[:1], strict=True))
        wrong = 0
        for index in self.living():
            machine = self.workers[index].machine
            successor = machine.successor.name if machine.successor else machine.me.name
            wrong += successor != right[machine.me.name]
        return wrong

    def events(self, index: int, kind: type[LinkUp | LinkDown | NameTaken]) -> list[Output]:
        """What a worker was told of one kind."""
        return [event for event in self.workers[index].events if isinstance(event, kind)]


def _reach(joined: dict[int, list[int]], start: int, seen: set[int]) -> None:
    stack = [start]
    seen.add(start)
    while stack:
        for other in joined[stack.pop()]:
            if other not in seen:
                seen.add(other)
                stack.append(other)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Nothing here forms circles; looking for them again and again would take most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
