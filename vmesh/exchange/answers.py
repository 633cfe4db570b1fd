"""Answers to peers that want organisms, within an allowance: no peer can make this worker copy endlessly."""

from __future__ import annotations

from vmesh.exchange import records
from vmesh.exchange.allowance import Allowance
from vmesh.exchange.links import Link
from vmesh.exchange.waiting import IDS_MOST
from vmesh.messages import Supply, Want
from vmesh.population import Population

#: Bytes that an id in a Supply takes at most beside the record.
ID_BYTES = 9
#: Peers that may use up their own allowance at the same time.
PEERS_AT_A_TIME = 4


class Answers:
    """Answers of at most `limit` bytes; each peer gets so many bytes per second, and all together some times as many."""

    def __init__(self, population: Population, limit: int) -> None:
        self._population = population
        self._limit = limit
        self._all = Allowance(PEERS_AT_A_TIME * limit, PEERS_AT_A_TIME * limit)

    def answer(self, link: Link, want: Want, now: float) -> Supply | None:
        """The answer; None if the peer has used up what it may ask for."""
        budgets = (link.bytes_allowed, self._all)
        if not all(allowance.solvent(now) for allowance in (link.wants_allowed, *budgets)):
            return None
        ids = want.ids[:IDS_MOST]
        packed = records.pack(self._population, ids, self._limit - ID_BYTES * len(ids))
        record, supplied = packed or (records.nothing(), ())
        link.wants_allowed.pay(1)
        for budget in budgets:
            budget.pay(len(record))
        return Supply(tuple(supplied), record)
