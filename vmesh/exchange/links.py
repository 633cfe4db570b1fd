"""What is remembered of each peer: credits both ways, what it has seen, what it may ask for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from vmesh.exchange.allowance import Allowance
from vmesh.exchange.credit import Incoming, Outgoing
from vmesh.exchange.seen import Memory
from vmesh.messages import Member

#: One life of a member: a process that starts again under its name begins anew.
Key = tuple[str, int]

#: Links at most. All members that the largest views hold fit in.
MOST = 1200
SEEN_MOST = 512
SEEN_SPAN = 30.0
#: Want messages per second, and in one burst.
WANTS_RATE, WANTS_BURST = 10.0, 20.0


def key_of(member: Member) -> Key:
    return member.name, member.nonce


@dataclass(slots=True)
class Link:
    """One peer. `owed`: it is to get the front as soon as the topology leads to it and there are a front and credit."""

    member: Member
    outgoing: Outgoing
    bytes_allowed: Allowance
    incoming: Incoming = field(default_factory=Incoming)
    seen: Memory = field(default_factory=lambda: Memory(SEEN_MOST, SEEN_SPAN))
    wants_allowed: Allowance = field(default_factory=lambda: Allowance(WANTS_RATE, WANTS_BURST))
    neighbour: bool = False
    owed: bool = True
    best: int = 0  # the best one that it was sent last, and how often
    best_sent: int = 0
    sent: int = 0  # organisms, both ways
    received: int = 0

    @property
    def key(self) -> Key:
        return key_of(self.member)


class Links:
    """At most `most` links; of those that are no neighbours the longest unused one is forgotten first."""

    def __init__(self, bytes_per_second: int, most: int = MOST) -> None:
        self.most = most
        self._bytes_per_second = bytes_per_second
        self._links: OrderedDict[Key, Link] = OrderedDict()
        self._largest = 0  # number on any link that was forgotten

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[Link]:
        return iter(self._links.values())

    def find(self, key: Key) -> Link | None:
        return self._links.get(key)

    def of(self, member: Member) -> Link:
        """The link to this member, made if need be; its address and incarnation are the newest ones heard."""
        key = key_of(member)
        link = self._links.get(key)
        if link is None:
            # Larger numbers than on any link forgotten, or the peer would take them for copies
            link = Link(member, Outgoing.after(self._largest), Allowance(self._bytes_per_second, self._bytes_per_second))
            self._links[key] = link
            self._make_room()
        elif member.incarnation >= link.member.incarnation:
            link.member = member
        self._links.move_to_end(key)
        return link

    def forget_other_lives(self, member: Member) -> list[Key]:
        """Drops the links to processes that had this name before, and says which."""
        gone = [key for key in self._links if key[0] == member.name and key[1] != member.nonce]
        for key in gone:
            self._forget(key)
        return gone

    def _make_room(self) -> None:
        if len(self._links) > self.most:
            newest = next(reversed(self._links))
            idle = (key for key, link in self._links.items() if not link.neighbour and not link.incoming.held and key != newest)
            self._forget(next(idle, next(iter(self._links))))

    def _forget(self, key: Key) -> None:
        self._largest = max(self._largest, self._links.pop(key).outgoing.sent)
