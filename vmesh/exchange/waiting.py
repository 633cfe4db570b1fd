"""Where immigrations wait whose organisms call others that are not held here, while those are asked for.

The sender is asked first, then others; a peer is asked one question at a time, for all that is waited for from it. What it supplies
is kept beside the immigration until the record is whole: callees come in only with their callers and never live on their own.
Bounded: immigrations, bytes, questions for one immigration, and time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from vgp import genome
from vgp.errors import RecordError
from vgp.genome import Bundle
from vgp.layout import Genome
from vmesh.exchange import records
from vmesh.exchange.links import Key

#: Ids in one question.
IDS_MOST = 256
#: Ids that one immigration may miss.
MISSING_MOST = 4096
#: Questions asked for one immigration before it is given up; a useful answer earns another one.
QUESTIONS_MOST = 4
#: Patiences after which it is given up whatever was answered: calls are at most 8 deep.
LIFETIME = 10


@dataclass(slots=True)
class Waiter:
    """One immigration: its record, what it still misses, and what was supplied so far."""

    delivery: int
    record: bytes
    sender: Key
    missing: set[int]
    until: float
    supplied: dict[int, Genome] = field(default_factory=dict)
    size: int = 0
    asking: Key | None = None
    questions: int = 0
    useless: set[Key] = field(default_factory=set)  # peers that do not hold what is missing
    silent: set[Key] = field(default_factory=set)  # peers that did not answer, or with something else


@dataclass(frozen=True, slots=True)
class Question:
    """What a peer was asked for, and until when it may answer."""

    ids: frozenset[int]
    until: float


class WaitingRoom:
    """Immigrations that wait. `most_bytes` bounds what they and the organisms supplied for them take."""

    def __init__(self, most: int, most_bytes: int, patience: float, random: Random) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.patience = patience
        self._random = random
        self._waiters: dict[int, Waiter] = {}
        self._questions: dict[Key, Question] = {}

    def __len__(self) -> int:
        return len(self._waiters)

    @property
    def size(self) -> int:
        """Bytes kept."""
        return sum(waiter.size for waiter in self._waiters.values())

    def enter(self, delivery: int, record: bytes, sender: Key, missing: Sequence[int], now: float) -> bool:
        """Lets an immigration wait. False: there is no room, or too much is missing."""
        if len(self._waiters) >= self.most or self.size + len(record) > self.most_bytes or len(missing) > MISSING_MOST:
            return False
        until = now + LIFETIME * self.patience
        self._waiters[delivery] = Waiter(delivery, record, sender, set(missing), until, size=len(record))
        return True

    def advance(self, peers: Sequence[Key], now: float) -> tuple[list[tuple[Key, tuple[int, ...]]], list[int]]:
        """Questions to ask now (peer, ids), each of a sender or of one of these peers; deliveries that are given up."""
        for peer in [peer for peer, question in self._questions.items() if now >= question.until]:
            self.lost(peer)
        for waiter in self._waiters.values():
            if waiter.asking is None and waiter.questions < QUESTIONS_MOST:
                waiter.asking = self._whom(waiter, peers)
                waiter.questions += 1
        hopeless = [waiter.delivery for waiter in self._waiters.values() if waiter.asking is None or now >= waiter.until]
        for delivery in hopeless:
            del self._waiters[delivery]
        return list(self._new_questions(now)), hopeless

    def answer(self, peer: Key, bundle: Bundle, complete: Callable[[bytes], list[int]]) -> list[tuple[int, bytes]] | None:
        """Takes a peer's answer; (delivery, record) of what is now whole. None: it was not asked.

        `complete` tells what a record misses; it raises RecordError for what cannot be put together, and that is given up.
        """
        question = self._questions.pop(peer, None)
        if question is None:
            return None
        came = records.genomes(bundle)
        ready = []
        for waiter in [waiter for waiter in self._waiters.values() if waiter.asking == peer]:
            waiter.asking = None
            if not waiter.missing & question.ids:
                waiter.questions -= 1  # the question was full, or older: it has not been asked for this one
            elif not waiter.missing & came.keys():  # perhaps there was no room for it beside what came for others
                (waiter.silent if came else waiter.useless).add(peer)
            elif (record := self._join(waiter, came, complete)) is not None:
                ready.append((waiter.delivery, record))
                del self._waiters[waiter.delivery]
        return ready

    def lost(self, peer: Key) -> None:
        """A peer does not answer; what it was asked for is asked of others."""
        self._questions.pop(peer, None)
        for waiter in self._waiters.values():
            if waiter.asking == peer:
                waiter.asking = None
                waiter.silent.add(peer)

    def next_timer(self) -> float:
        """When `advance` has something to do."""
        if any(waiter.asking is None for waiter in self._waiters.values()):
            return -math.inf
        times = [question.until for question in self._questions.values()] + [waiter.until for waiter in self._waiters.values()]
        return min(times, default=math.inf)

    def _whom(self, waiter: Waiter, peers: Sequence[Key]) -> Key | None:
        """The sender first, then whoever was not asked yet, then who did not answer; nobody who said no."""
        useful = [peer for peer in dict.fromkeys((waiter.sender, *peers)) if peer not in waiter.useless]
        fresh = [peer for peer in useful if peer not in waiter.silent]
        if waiter.sender in fresh:
            return waiter.sender
        return self._random.choice(fresh or useful) if useful else None

    def _new_questions(self, now: float) -> Iterable[tuple[Key, tuple[int, ...]]]:
        wanted: dict[Key, set[int]] = {}
        for waiter in self._waiters.values():
            if waiter.asking is not None and waiter.asking not in self._questions:
                wanted.setdefault(waiter.asking, set()).update(waiter.missing)
        for peer, ids in wanted.items():
            asked = tuple(sorted(ids))[:IDS_MOST]
            self._questions[peer] = Question(frozenset(asked), now + self.patience)
            yield peer, asked

    def _join(self, waiter: Waiter, came: dict[int, Genome], complete: Callable[[bytes], list[int]]) -> bytes | None:
        """The waiter's record with what came for it, if that makes it whole."""
        own = genome.decode_bundle(waiter.record, open=True)
        held = records.genomes(own)
        pool = came | waiter.supplied
        record = records.assemble(records.roots(own), lambda id: held.get(id, pool.get(id)))
        try:
            waiter.missing = set(complete(record))
            taken = records.genomes(genome.decode_bundle(record, open=True)).keys() - held.keys()
        except RecordError:
            waiter.questions = QUESTIONS_MOST
            return None
        if not waiter.missing:
            return record
        waiter.supplied = {id: pool[id].copy() for id in taken}
        grown = len(waiter.record) + sum(body.nbytes for body in waiter.supplied.values())
        waiter.size = grown
        too_much = self.size > self.most_bytes or len(waiter.missing) > MISSING_MOST
        waiter.questions = QUESTIONS_MOST if too_much else waiter.questions - 1
        return None
