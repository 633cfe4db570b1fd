"""What becomes of organisms that peers send: strangers, of whom nothing is believed.

    Emigrants -> credit? columns? size? decoded? new? -> whole -----------------------------> inbox -> imported -> credit back
                                                      \\-> waiting room -> asked for, joined -/

Whatever is wrong with them is counted by reason; nothing raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from vgp import genome
from vgp.errors import RecordError
from vgp.genome import Bundle
from vgp.island import ImportReport
from vmesh.exchange import records
from vmesh.exchange.counters import Counters
from vmesh.exchange.links import Key, Link, Links
from vmesh.exchange.seen import Memory
from vmesh.exchange.waiting import WaitingRoom
from vmesh.messages import Emigrants, Supply, Want
from vmesh.outputs import Output, Send
from vmesh.population import Population
from vmesh.settings import Exchange as Settings

#: Immigrants that are remembered, and for how long, so that copies of them are not evaluated again.
SEEN_MOST = 8192
SEEN_SPAN = 60.0
#: Organisms in one immigration: more than `emigrants` may be set to, and bounded in memory.
IMMIGRANTS_MOST = 16_384
#: Bytes that the waiting room holds, in largest records.
WAITING_RECORDS = 4


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whose immigration it is, and which organisms came with it for their own sake."""

    sender: Key
    ids: Sequence[int]


class Immigration:
    """The receiving side. `limit` bounds the bytes of one record."""

    def __init__(
        self, settings: Settings, population: Population, links: Links, counters: Counters, random: Random, limit: int
    ) -> None:
        self._settings = settings
        self._population = population
        self._links = links
        self._counters = counters
        self._limit = limit
        self._seen = Memory(SEEN_MOST, SEEN_SPAN)
        self._deliveries: dict[int, Delivery] = {}
        self._last = 0
        self.waiting = WaitingRoom(settings.waiting, WAITING_RECORDS * limit, settings.patience, random)

    def configure(self, settings: Settings) -> None:
        """Takes new settings."""
        self._settings = settings
        self.waiting.most, self.waiting.patience = settings.waiting, settings.patience

    def forget(self) -> None:
        """The losses are new: immigrants are evaluated even if they were before."""
        self._seen.clear()

    def __len__(self) -> int:
        """Immigrations that wait or are in the inbox."""
        return len(self._deliveries)

    def receive(self, link: Link, message: Emigrants, now: float) -> list[Output]:
        """Lets an immigration in, or counts why not. Answers with credit if that is news."""
        self._counters.received += 1
        refused = link.incoming.admit(message.sequence, self._settings.window)
        if refused is None:
            refused = self._examine(link, message, now)
            if refused is not None:
                link.incoming.release()
        if refused:
            self._counters.rejected[refused] += 1
        return self._news(link)

    def supplied(self, link: Link, message: Supply, now: float) -> list[Output]:
        """Takes the answer to a question; what is whole by it goes on to the inbox."""
        self._counters.supplies += 1
        try:
            bundle = self._decode(message.record)
        except RecordError as error:
            self._counters.rejected[error.reason] += 1
            self.waiting.lost(link.key)
            return []
        ready = self.waiting.answer(link.key, bundle, self._population.missing)
        if ready is None:
            self._counters.rejected["not_asked"] += 1
        return [output for delivery, record in ready or () for output in self._into_inbox(delivery, record, now)]

    def taken_in(self, delivery: int, report: ImportReport | None, now: float) -> list[Output]:
        """The population has imported a delivery, or dropped it: its credit goes back. An unknown one changes nothing."""
        known = self._deliveries.pop(delivery, None)
        if known is None:
            return []
        if report is None:
            self._counters.dropped += 1
            self._seen.discard(known.ids)
        else:
            self._counters.imported(report)
        link = self._links.find(known.sender)
        if link is None:
            return []
        link.incoming.release()
        return self._news(link)

    def advance(self, now: float) -> list[Output]:
        """Asks for what is missing, and gives up what nobody completes."""
        if now < self.waiting.next_timer():
            return []
        neighbours = [link.key for link in self._links if link.neighbour]
        questions, given_up = self.waiting.advance(neighbours, now)
        outputs: list[Output] = []
        for peer, ids in questions:
            link = self._links.find(peer)
            if link is None:
                self.waiting.lost(peer)
            else:
                self._counters.wants += 1
                outputs.append(Send(link.member.address, Want(ids)))
        self._counters.rejected["incomplete"] += len(given_up)
        return outputs + [output for delivery in given_up for output in self.taken_in(delivery, None, now)]

    def _decode(self, record: bytes) -> Bundle:
        if len(record) > self._limit:
            raise RecordError("the record is larger than messages may be", "oversized_record")
        return genome.decode_bundle(record, open=True)

    def _examine(self, link: Link, message: Emigrants, now: float) -> str | None:
        """None: it is in the inbox or waits. Otherwise why not; "" for copies alone, which are no fault."""
        if message.columns != self._population.columns:
            return "columns"
        try:
            bundle = self._decode(message.record)
            if not 0 < len(bundle) <= IMMIGRANTS_MOST:
                return "bad_count"
            ids = records.roots(bundle)
            link.received += len(ids)
            new = self._seen.unknown(ids, now)
            link.seen.add(ids, now)
            self._counters.duplicate += len(ids) - len(new)
            if not new:
                return ""
            record = message.record if len(new) == len(ids) else records.only(bundle, new)
            missing = self._population.missing(record) if records.outside(bundle) else []
        except RecordError as error:
            return error.reason
        return self._admit(link, Delivery(link.key, new), record, missing, now)

    def _admit(self, link: Link, delivery: Delivery, record: bytes, missing: Sequence[int], now: float) -> str | None:
        self._last += 1
        if missing:
            let_in = self.waiting.enter(self._last, record, link.key, missing, now)
        else:
            let_in = self._population.deliver(self._last, record)
        if not let_in:
            return "waiting_full" if missing else "inbox_full"
        self._deliveries[self._last] = delivery
        self._seen.add(delivery.ids, now)
        return None

    def _into_inbox(self, delivery: int, record: bytes, now: float) -> list[Output]:
        if self._population.deliver(delivery, record):
            return []
        self._counters.rejected["inbox_full"] += 1
        return self.taken_in(delivery, None, now)

    def _news(self, link: Link) -> list[Output]:
        credit = link.incoming.news(self._settings.window)
        return [Send(link.member.address, credit)] if credit else []
