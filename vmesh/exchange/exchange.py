"""The exchange of one worker with its peers, as a pure state machine: messages and time in, messages out.

Emigration sends, Immigration receives, Answers supplies what peers ask for; they share what is remembered of each link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from vgp.island import ImportReport
from vmesh.exchange.answers import Answers
from vmesh.exchange.counters import Counters
from vmesh.exchange.emigration import Emigration
from vmesh.exchange.immigration import Immigration
from vmesh.exchange.links import Links, key_of
from vmesh.exchange.topology import Peers
from vmesh.messages import Credit, CreditRequest, Emigrants, Member, Message, Supply, Want
from vmesh.outputs import Output, Send
from vmesh.population import Population
from vmesh.settings import MEBIBYTE
from vmesh.settings import Exchange as Settings

#: Bytes of a message beside its record: the sender's name and addresses, numbers.
ENVELOPE = 1024


class Exchange:
    """All of a worker's exchange.

    Args:
        me_name: the worker's own name, which topologies look at.
        settings: policies and bounds. Raises SettingsError for edges that cannot be read.
        population: whose organisms are exchanged.
        random: source of all choices.
        record_limit: bytes of the largest record sent or accepted: `network.max_message` less ENVELOPE.
    """

    def __init__(
        self,
        me_name: str,
        settings: Settings,
        population: Population,
        random: Random,
        record_limit: int = 4 * MEBIBYTE - ENVELOPE,
    ) -> None:
        self.counters = Counters()
        self._settings = settings
        self._links = Links(bytes_per_second=record_limit)
        shared = population, self._links, self.counters, random, record_limit
        self._emigration = Emigration(me_name, settings, *shared)
        self._immigration = Immigration(settings, *shared)
        self._answers = Answers(population, record_limit)

    def configure(self, settings: Settings) -> None:
        """Takes new settings from now on. Raises SettingsError, and then keeps the old ones."""
        self._emigration.configure(settings)
        self._immigration.configure(settings)
        self._settings = settings

    def forget(self) -> None:
        """After a move to another table: what was evaluated and sent before counts as new."""
        self._immigration.forget()
        self._emigration.forget()
        for link in self._links:
            link.seen.clear()

    # --- events ---

    def link_up(self, member: Member, now: float) -> list[Output]:
        """A neighbour was won: it gets the front at the next `advance`. Lives that its name had before are forgotten."""
        for key in self._links.forget_other_lives(member):
            self._immigration.waiting.lost(key)
        link = self._links.of(member)
        link.neighbour = link.owed = True
        self._emigration.look_soon()
        return []

    def link_down(self, member: Member, now: float) -> list[Output]:
        """A neighbour was lost, perhaps for a while: nobody knows which of the last messages it got."""
        link = self._links.find(key_of(member))
        if link is not None:
            link.neighbour, link.owed = False, True
            link.seen.clear()
            self._immigration.waiting.lost(link.key)
        return []

    def receive(self, sender: Member, message: Message, now: float) -> list[Output]:
        """A message of `exchange`; others change nothing."""
        handle = self._HANDLERS.get(type(message))
        return handle(self, sender, message, now) if handle else []

    def taken_in(self, delivery: int, report: ImportReport | None, now: float) -> list[Output]:
        """The population has imported a delivery (None: dropped it); its credit goes back to the sender."""
        return self._immigration.taken_in(delivery, report, now)

    def advance(self, now: float, peers: Peers) -> list[Output]:
        """What is due by now: emigrations, the front for newcomers, questions."""
        return self._emigration.advance(now, peers) + self._immigration.advance(now)

    def emigrate_now(self, names: Sequence[str] | None, now: float, peers: Peers) -> list[Output]:
        """Emigrants at once to the members of these names, or (None) to everyone whom the topology allows."""
        return self._emigration.emigrate_now(names, now, peers)

    def next_timer(self) -> float:
        """When `advance` has something to do; in the past: now."""
        return min(self._emigration.next_timer(), self._immigration.waiting.next_timer())

    def status(self) -> dict[str, object]:
        """Counters, and how full everything is."""
        held = sum(link.incoming.held for link in self._links)
        waiting = len(self._immigration.waiting)
        return {**self.counters.as_dict(), "waiting": waiting, "credits_used": held, "links": len(self._links)}

    def traffic(self) -> list[tuple[str, int, int]]:
        """(name, organisms sent, received) of each neighbour since there is a link with it."""
        return [(link.member.name, link.sent, link.received) for link in self._links if link.neighbour]

    # --- messages ---

    def _emigrants(self, sender: Member, message: Emigrants, now: float) -> list[Output]:
        return self._immigration.receive(self._links.of(sender), message, now)

    def _credit(self, sender: Member, message: Credit, now: float) -> list[Output]:
        link = self._links.find(key_of(sender))
        if link is not None and link.outgoing.grant(message) and link.owed:
            self._emigration.look_soon()
        return []

    def _credit_request(self, sender: Member, message: CreditRequest, now: float) -> list[Output]:
        credit = self._links.of(sender).incoming.requested(message, self._settings.window)
        return [Send(sender.address, credit)] if credit else []

    def _want(self, sender: Member, message: Want, now: float) -> list[Output]:
        supply = self._answers.answer(self._links.of(sender), message, now)
        if supply is None:
            self.counters.rejected["want_beyond_allowance"] += 1
            return []
        return [Send(sender.address, supply)]

    def _supply(self, sender: Member, message: Supply, now: float) -> list[Output]:
        link = self._links.find(key_of(sender))
        return self._immigration.supplied(link, message, now) if link else []

    _HANDLERS: dict[type[Message], Callable[[Exchange, Member, Any, float], list[Output]]] = {  # noqa: RUF012
        Emigrants: _emigrants,
        Credit: _credit,
        CreditRequest: _credit_request,
        Want: _want,
        Supply: _supply,
    }
