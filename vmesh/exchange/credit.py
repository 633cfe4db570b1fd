"""Flow control of one link by absolute limits, which no loss, doubling or reordering of messages can put out of step.

The sender numbers its emigrations and stops at the limit that it was told. The receiver's limit is

    highest number seen + window - immigrations not yet taken in

so a message that was lost gives its credit back as soon as a later one arrives, and where none comes (the last ones were lost, or
the limit itself was) CreditRequest tells up to where the sender has come. The receiver believes none of it: what it keeps of one
link is bounded by the window, whatever numbers a peer writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vmesh.messages import Credit, CreditRequest

#: What may be sent before the first Credit, so that a newcomer learns the best without asking first.
INITIAL = 1
#: Between two requests on one link, in seconds.
REQUEST_INTERVAL = 1.0
#: Numbers behind the highest one that are remembered; what is older counts as a copy.
SPAN = 1024
#: Honest numbers never come near it, and limits computed from it still fit 64 bits.
LARGEST = 1 << 62


@dataclass(slots=True)
class Outgoing:
    """The sender's end. `sent` may begin anywhere."""

    sent: int = 0
    limit: int = INITIAL
    asked: float = -math.inf

    @classmethod
    def after(cls, number: int) -> Outgoing:
        """An end whose numbers are all larger than `number`."""
        return cls(number, number + INITIAL)

    @property
    def open(self) -> bool:
        return self.sent < self.limit

    def advance(self) -> int:
        """The number of the next emigration."""
        self.sent += 1
        return self.sent

    def grant(self, credit: Credit) -> bool:
        """Takes a limit; True if that opened the way. An older limit that comes late changes nothing."""
        was_open = self.open
        self.limit = max(self.limit, min(credit.limit, LARGEST))
        return self.open and not was_open

    def request(self, now: float) -> CreditRequest | None:
        """Asks for credit, if that was not done just now."""
        if now - self.asked < REQUEST_INTERVAL:
            return None
        self.asked = now
        return CreditRequest(self.sent)


@dataclass(slots=True)
class Incoming:
    """The receiver's end. `held`: immigrations in the waiting room or the inbox; `told`: the limit that was told last."""

    highest: int = 0
    held: int = 0
    told: int = INITIAL
    _seen: int = 0  # bit i: number highest - i came

    def admit(self, sequence: int, window: int) -> str | None:
        """Counts one that came as held; or the reason why it is not let in."""
        if not 0 < sequence <= LARGEST:
            return "sequence"
        behind = self.highest - sequence
        if behind >= SPAN or (behind >= 0 and self._seen >> behind & 1):
            return "replayed"
        self._move(sequence)
        self._seen |= 1 << (self.highest - sequence)
        if self.held >= window:
            return "beyond_credit"
        self.held += 1
        return None

    def release(self) -> None:
        """One was taken in or dropped."""
        self.held -= 1

    def requested(self, request: CreditRequest, window: int) -> Credit | None:
        """The answer to a request; None while the window is full: `news` will tell when it no longer is."""
        if request.sent > LARGEST:
            return None
        self._move(request.sent)
        limit = self._limit(window)
        return self._tell(limit) if limit > request.sent else None

    def news(self, window: int) -> Credit | None:
        """The new limit if it is worth a message: half a window more, or the sender stands still."""
        limit = self._limit(window)
        gain, open_at_all = limit - self.told, limit > self.highest
        return self._tell(limit) if gain > 0 and open_at_all and (2 * gain >= window or self.told <= self.highest) else None

    def _limit(self, window: int) -> int:
        return self.highest + max(window - self.held, 0)

    def _tell(self, limit: int) -> Credit:
        self.told = max(self.told, limit)
        return Credit(limit)

    def _move(self, sequence: int) -> None:
        step = sequence - self.highest
        if step > 0:
            self._seen = (self._seen << step) & ((1 << SPAN) - 1) if step < SPAN else 0
            self.highest = sequence
