"""All that workers say to each other: plain records with a number each. Numbers and fields are only ever appended.

A message on the wire is `[version, number, sender, field, ...]` (vmesh/codec.py, docs/mesh.md). Nothing in a message is believed
that can be checked: organisms are evaluated again, a member is only suspected until it had time to object.
"""

from dataclasses import dataclass
from typing import ClassVar

VERSION = 1


@dataclass(frozen=True, slots=True)
class Member:
    """A worker as others see it. `name` is unique in the mesh; of two lives with one name the larger incarnation is the later."""

    name: str  # "hostname/index", at most 80 bytes
    address: str  # "host:port" where it receives messages
    incarnation: int  # u64: grows with every start and with every refuted suspicion
    nonce: int  # u64, random at every start: tells two processes apart that claim one name
    admin: str  # "host:port" where it answers administrators; empty: nowhere


class Message:
    """Base of all messages."""

    __slots__ = ()
    NUMBER: ClassVar[int]


# --- membership: joining ---


@dataclass(frozen=True, slots=True)
class Join(Message):
    """A newcomer to a seed: take me in."""

    NUMBER: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Welcome(Message):
    """A seed's answer: some members to begin with."""

    NUMBER: ClassVar[int] = 2
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ForwardJoin(Message):
    """A newcomer, passed on in a random walk of so many further steps; where it ends a link is offered."""

    NUMBER: ClassVar[int] = 3
    newcomer: Member
    hops: int


@dataclass(frozen=True, slots=True)
class Link(Message):
    """Be my neighbour. An urgent one has no neighbour left, or just joined, and is not refused."""

    NUMBER: ClassVar[int] = 4
    urgent: bool


@dataclass(frozen=True, slots=True)
class LinkReply(Message):
    """Yes or no to Link."""

    NUMBER: ClassVar[int] = 5
    accepted: bool


@dataclass(frozen=True, slots=True)
class Unlink(Message):
    """We are no longer neighbours; I am alive."""

    NUMBER: ClassVar[int] = 6


@dataclass(frozen=True, slots=True)
class Shuffle(Message):
    """A part of my partial view for a part of yours."""

    NUMBER: ClassVar[int] = 7
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ShuffleReply(Message):
    """A part of the partial view of whoever received Shuffle."""

    NUMBER: ClassVar[int] = 8
    members: tuple[Member, ...]


# --- membership: failure detection ---


@dataclass(frozen=True, slots=True)
class Ping(Message):
    """Are you there? A claim about the receiver's own standing travels along: it is suspected in this incarnation, or -1."""

    NUMBER: ClassVar[int] = 9
    sequence: int
    suspected: int


@dataclass(frozen=True, slots=True)
class Ack(Message):
    """I am. `sender` on the envelope carries the newest incarnation; `age` is how long it lives, told only to a namesake."""

    NUMBER: ClassVar[int] = 10
    sequence: int
    age: int = 0  # milliseconds


@dataclass(frozen=True, slots=True)
class IndirectPing(Message):
    """Ping that member for me, and pass its Ack on."""

    NUMBER: ClassVar[int] = 11
    sequence: int
    target: Member


@dataclass(frozen=True, slots=True)
class IndirectAck(Message):
    """The member answered."""

    NUMBER: ClassVar[int] = 12
    sequence: int
    target: Member


@dataclass(frozen=True, slots=True)
class Rumour(Message):
    """What is said about a member: `state` is one of RUMOURS. It is passed on so many further hops."""

    NUMBER: ClassVar[int] = 13
    member: Member
    state: int
    hops: int


SUSPECT, ALIVE, DEAD, LEFT = RUMOURS = (0, 1, 2, 3)


# --- membership: the ring ---


@dataclass(frozen=True, slots=True)
class Notify(Message):
    """To the successor on the ring of names: I believe that I stand right before you (Chord's stabilise and notify)."""

    NUMBER: ClassVar[int] = 14


@dataclass(frozen=True, slots=True)
class Predecessor(Message):
    """The answer: who stands right before me, as far as I know, and others that stand near whoever asked."""

    NUMBER: ClassVar[int] = 15
    member: Member
    nearby: tuple[Member, ...] = ()


# --- exchange ---


@dataclass(frozen=True, slots=True)
class Emigrants(Message):
    """Organisms as a portable record (docs/record.md), the sequence-th on this link; `columns` is a hash of the columns' names."""

    NUMBER: ClassVar[int] = 30
    sequence: int
    columns: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Credit(Message):
    """You may send Emigrants up to this sequence number."""

    NUMBER: ClassVar[int] = 31
    limit: int


@dataclass(frozen=True, slots=True)
class CreditRequest(Message):
    """I have used all my credit, up to this sequence number; what you have not seen of it was lost."""

    NUMBER: ClassVar[int] = 32
    sent: int


@dataclass(frozen=True, slots=True)
class Want(Message):
    """Give me the organisms with these ids, with all that they refer to."""

    NUMBER: ClassVar[int] = 33
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Supply(Message):
    """Those of the wanted organisms that are held here; what is missing in it is not held."""

    NUMBER: ClassVar[int] = 34
    ids: tuple[int, ...]
    record: bytes


# --- data ---


@dataclass(frozen=True, slots=True)
class DataVersion(Message):
    """The version of the table that I evolve on; whoever has an older one asks, whoever has a newer one announces."""

    NUMBER: ClassVar[int] = 40
    version: int


@dataclass(frozen=True, slots=True)
class DataAnnouncement(Message):
    """The table to evolve on from now on. Of two with one version the larger checksum wins."""

    NUMBER: ClassVar[int] = 41
    version: int
    url: str
    checksum: str  # SHA-256 of the bytes, hexadecimal
    target: str


MESSAGES: dict[int, type[Message]] = {
    kind.NUMBER: kind
    for kind in (
        *(Join, Welcome, ForwardJoin, Link, LinkReply, Unlink, Shuffle, ShuffleReply),
        *(Ping, Ack, IndirectPing, IndirectAck, Rumour, Notify, Predecessor),
        *(Emigrants, Credit, CreditRequest, Want, Supply),
        *(DataVersion, DataAnnouncement),
    )
}
