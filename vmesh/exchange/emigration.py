"""Who is sent what, and when: the regular emigration, the front for whoever is new, the best as soon as it improves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from random import Random

from vmesh.exchange import records
from vmesh.exchange.counters import Counters
from vmesh.exchange.links import Link, Links
from vmesh.exchange.selection import SELECTIONS
from vmesh.exchange.topology import Peers, Topology, known
from vmesh.messages import Emigrants, Member
from vmesh.outputs import Output, Send
from vmesh.population import Population, Standings
from vmesh.settings import Exchange as Settings

#: Between two looks at the front and at who is new, in seconds.
LOOK_INTERVAL = 0.2
#: Times that the best is sent to one peer although it was sent before: one message may be lost, hardly all of them.
BEST_REPEATED = 3

Parcel = tuple[bytes, Sequence[int]] | None


class Emigration:
    """The sending side. `limit` bounds the bytes of one record."""

    def __init__(
        self, me: str, settings: Settings, population: Population, links: Links, counters: Counters, random: Random, limit: int
    ) -> None:
        self._me = me
        self._population = population
        self._links = links
        self._counters = counters
        self._random = random
        self._limit = limit
        self._best = 0
        self._best_loss = math.inf
        self._next_look = -math.inf
        self._next_turn: float | None = None  # none yet: drawn at the first advance, so that a mesh does not emigrate in step
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Takes new settings. Raises SettingsError."""
        self._topology = Topology.of(settings, self._me)
        self._settings = settings
        self._selection = SELECTIONS[settings.selection]
        self._next_turn = None

    def look_soon(self) -> None:
        """Someone may be waiting for the front."""
        self._next_look = -math.inf

    def forget(self) -> None:
        """The losses are new: the best is whatever is the best now."""
        self._best_loss = math.inf
        self.look_soon()

    def next_timer(self) -> float:
        if not self._settings.interval:
            return math.inf
        return min(self._next_look, -math.inf if self._next_turn is None else self._next_turn)

    def advance(self, now: float, peers: Peers) -> list[Output]:
        """What is due now."""
        interval = self._settings.interval
        if not interval:
            return []
        if self._next_turn is None:
            self._next_turn = now + interval * self._random.random()
        if now < min(self._next_look, self._next_turn):
            return []
        front = self._front()
        outputs = []
        if now >= self._next_look:
            self._next_look = now + LOOK_INTERVAL
            outputs += self._look(front, now, peers)
        if now >= self._next_turn:
            self._next_turn = now + interval * self._random.uniform(0.9, 1.1)
            outputs += self._emigrate(self._topology.destinations(peers, self._random), front, now)
        return outputs

    def emigrate_now(self, names: Sequence[str] | None, now: float, peers: Peers) -> list[Output]:
        """An emigration at once to these members, or to everyone that the topology allows, whatever they were sent before."""
        audience = self._topology.audience(peers) if names is None else known(peers)
        members = [member for member in audience if names is None or member.name in names]
        for member in members:
            self._links.of(member).seen.clear()
        return self._emigrate(members, self._front(), now)

    def _look(self, front: Standings, now: float, peers: Peers) -> list[Output]:
        """The front to those to whom it is owed; to the others the best, if it has improved."""
        if not len(front):
            return []
        improved = float(front["loss"][-1]) < self._best_loss
        if improved:
            self._best_loss = float(front["loss"][-1])
        parcels: dict[tuple[int, ...], Parcel] = {}
        outputs: list[Output] = []
        for link in map(self._links.of, self._topology.audience(peers)):
            if not (link.owed or improved):
                continue
            chosen = front[::-1] if link.owed else front[-1:]
            link.owed = not link.outgoing.open
            outputs += self._request(link, now) if link.owed else self._send(link, chosen["id"].tolist(), now, parcels)
        return outputs

    def _emigrate(self, members: Iterable[Member], front: Standings, now: float) -> list[Output]:
        best = front["id"][-1:].tolist()
        candidates = self._selection.candidates(self._population, front, self._settings.emigrants, self._random)
        parcels: dict[tuple[int, ...], Parcel] = {}
        outputs: list[Output] = []
        for link in map(self._links.of, members):
            if link.outgoing.open:
                ids = dict.fromkeys([*best, *self._choose(link, candidates, now)])
                outputs += self._send(link, list(ids)[: self._settings.emigrants], now, parcels)
            else:
                self._counters.no_credit += 1
                outputs += self._request(link, now)
        return outputs

    def _front(self) -> Standings:
        """The front as it is now, sizes increasing: the best of all is its last."""
        champions = self._population.champions()
        self._best = int(champions["id"][-1]) if len(champions) else 0
        return champions

    def _choose(self, link: Link, candidates: Standings, now: float) -> list[int]:
        """Ids of those that the policy takes of what this peer has not seen."""
        ids = candidates["id"].tolist()
        unknown = set(link.seen.unknown(ids, now))
        if len(unknown) < len(ids):
            candidates = candidates[[id in unknown for id in ids]]
        return self._selection.choose(candidates, self._settings.emigrants, self._random)["id"].tolist()

    def _request(self, link: Link, now: float) -> list[Output]:
        request = link.outgoing.request(now)
        return [Send(link.member.address, request)] if request else []

    def _send(self, link: Link, ids: Sequence[int], now: float, parcels: dict[tuple[int, ...], Parcel]) -> list[Output]:
        """Emigrants of those that the peer does not know, as many as a message holds; the first of them are preferred."""
        ids = tuple(link.seen.unknown(ids, now))
        if not ids:
            return []
        if ids not in parcels:
            parcels[ids] = records.pack(self._population, ids, self._limit, self._settings.references == "travel")
        parcel = parcels[ids]
        if parcel is None:
            return []
        record, packed = parcel
        self._remember(link, packed, now)
        self._counters.sent += 1
        self._counters.sent_organisms += len(packed)
        link.sent += len(packed)
        return [Send(link.member.address, Emigrants(link.outgoing.advance(), self._population.columns, record))]

    def _remember(self, link: Link, ids: Sequence[int], now: float) -> None:
        """Notes that the peer was sent these; the best of all only after some times."""
        if self._best in ids:
            link.best_sent = link.best_sent + 1 if link.best == self._best else 1
            link.best = self._best
            if link.best_sent < BEST_REPEATED:
                ids = [id for id in ids if id != self._best]
        link.seen.add(ids, now)
