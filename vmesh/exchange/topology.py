"""Where emigrants go: the first of the three policies.

`audience` is everyone to whom this worker may ever send: they get its front when they appear and its best when that improves.
`destinations` are those of them that get the next emigration. Both look only at members that this worker knows; in a mesh that is
larger than its views, fully-connected and free-form reach those in the views.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from vmesh.errors import SettingsError
from vmesh.messages import Member
from vmesh.settings import Exchange as Settings

ANYONE = "*"


class Peers(Protocol):
    """Whom a worker knows: what topologies read of Membership."""

    @property
    def active(self) -> Sequence[Member]:
        """Neighbours."""

    @property
    def passive(self) -> Sequence[Member]:
        """Others kept in mind."""

    @property
    def successor(self) -> Member | None:
        """Who comes next on the ring of names."""


@dataclass(frozen=True)
class Topology:
    """A topology of this name, seen from the worker `me`. `of` raises SettingsError for edges missing or unreadable."""

    name: str
    me: str
    most: int
    edges: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, settings: Settings, me: str) -> Topology:
        edges = parse_edges(settings.edges)
        if settings.topology == "free-form" and not edges:
            raise SettingsError('exchange.topology is free-form and has no edges; set exchange.edges, such as "0>1 1>0"')
        return cls(settings.topology, me, settings.destinations, edges)

    def audience(self, peers: Peers) -> list[Member]:
        """Everyone to whom this worker may send."""
        if self.name == "random":
            return list(peers.active)
        if self.name == "ring":
            return [peers.successor] if peers.successor and peers.successor.name != self.me else []
        others = [member for member in known(peers) if member.name != self.me]
        return others if self.name == "fully-connected" else [member for member in others if self._leads_to(member.name)]

    def destinations(self, peers: Peers, random: Random) -> list[Member]:
        """Who gets the next emigration."""
        audience = self.audience(peers)
        return random.sample(audience, min(self.most, len(audience))) if self.name == "random" else audience

    def _leads_to(self, other: str) -> bool:
        return any(_means(start, self.me) and _means(end, other) for start, end in self.edges)


def known(peers: Peers) -> list[Member]:
    """All that a worker knows, each once; of two lives of one member the neighbour's."""
    successor = [peers.successor] if peers.successor else []
    members = {member.name: member for member in (*peers.passive, *successor, *peers.active)}
    return list(members.values())


def parse_edges(text: str) -> tuple[tuple[str, str], ...]:
    """("0", "1"), ("a/0", "*") from "0>1 a/0>*". Raises SettingsError."""
    edges = []
    for word in text.replace(",", " ").split():
        start, arrow, end = word.partition(">")
        if not (start and arrow and end) or ">" in end:
            raise SettingsError(f'exchange.edges: {word!r} is no edge; write them as in "0>1 1>2 2>0"')
        edges.append((start, end))
    return tuple(edges)


def _means(word: str, name: str) -> bool:
    """A word of an edge means all workers, one name, all of one host, or an index."""
    host, _, index = name.rpartition("/")
    return word in (ANYONE, name, host, index)
