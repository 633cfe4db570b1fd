"""What one worker knows of the others, and what is under way: the data that the rules of this package work on."""

from dataclasses import dataclass, field, replace
from random import Random

from vmesh import settings
from vmesh.messages import Member, Message
from vmesh.outputs import Output, Send

NEVER = float("inf")
LARGEST = 2**63  # incarnations from here on are not believed
HEARSAY = LARGEST - 1  # nor what others say about them from here on, so that everyone has one left to refute it with


@dataclass(slots=True)
class Neighbour:
    """A member of the active view. A suspect has until `suspected_until` to object."""

    member: Member
    since: float
    suspected_until: float = NEVER
    detours: int = 0  # probes in a row that were answered only through others


@dataclass(slots=True)
class Probe:
    """A question to a member under way: first directly, then once more or through others."""

    member: Member
    deadline: float
    again: bool = False


@dataclass(slots=True)
class Relay:
    """A ping that somebody else asked for."""

    origin: str
    sequence: int
    member: Member
    deadline: float


@dataclass(slots=True)
class Grave:
    """A member that was declared dead or left: hearsay about this incarnation is not believed."""

    member: Member
    left: bool


@dataclass(slots=True)
class Ring:
    """The nearest known names before and after one's own, nearest first. The first one after is the successor."""

    after: list[Member] = field(default_factory=list)
    before: list[Member] = field(default_factory=list)
    asked: str = ""  # the successor whose answer is awaited
    silent: int = 0  # turns since the predecessor was heard
    displaced: list[Member] = field(default_factory=list)  # successors of which nearer ones took the place since the last turn
    turned: float = 0.0  # when the last turn was
    settled: int = 0  # turns without a change


@dataclass(slots=True)
class Challenge:
    """Is another process of our own name alive? Asked under a random number, so that nothing but a fresh answer counts."""

    rival: Member
    sequence: int
    deadline: float
    tries: int = 1


@dataclass(slots=True)
class Timers:
    """When what is due next; NEVER: not at all."""

    ping: float = NEVER
    shuffle: float = NEVER
    ring: float = NEVER
    seek: float = NEVER
    join: float = NEVER
    reach: float = NEVER
    refresh: float = NEVER

    def earliest(self) -> float:
        """The first of them."""
        return min(self.ping, self.shuffle, self.ring, self.seek, self.join, self.reach, self.refresh)

    def shift(self, by: float) -> None:
        """Moves all of them into the future."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + by)


class State:
    """All of it. `now` and `out` belong to the event that is being handled."""

    __slots__ = (
        *("active", "born", "challenge", "due", "expelled", "graves", "me", "mended", "name_taken", "now", "others", "out", "over"),
        *("passive", "pending", "probes", "random", "refused", "relays", "ring", "rota", "seeds", "sequence", "settings"),
        *("shuffled", "timers", "unanswered"),
    )

    def __init__(self, me: Member, settings: settings.Membership, random: Random) -> None:
        self.me = me
        self.settings = settings
        self.random = random
        self.now = 0.0
        self.born: float | None = None
        self.over = False  # we have left
        self.name_taken = False
        self.out: list[Output] = []
        self.due = NEVER
        self.timers = Timers()
        self.seeds: tuple[str, ...] = ()
        self.others: tuple[str, ...] = ()  # the seeds but ourselves
        self.active: dict[str, Neighbour] = {}
        self.passive: dict[str, Member] = {}  # the one that was heard from longest ago comes first
        self.graves: dict[str, Grave] = {}
        self.expelled: dict[str, int] = {}  # name -> nonce of the process, or -1: any
        self.pending: dict[str, float] = {}  # links asked for, and until when an answer counts
        self.refused: set[str] = set()  # by whom, since the last round of asking
        self.mended = -NEVER  # when somebody who was thought dead was last offered a link
        self.rota: list[str] = []  # neighbours still to be pinged in this turn
        self.probes: dict[int, Probe] = {}
        self.relays: dict[int, Relay] = {}
        self.sequence = 0
        self.shuffled: Member | None = None  # the member whose ShuffleReply is awaited
        self.ring = Ring()
        self.challenge: Challenge | None = None
        self.unanswered: dict[int, None] = {}  # nonces of rivals that did not answer

    def begin(self, now: float) -> None:
        """The first event: timers start, spread out so that workers started together do not act together."""
        self.born = now
        limits, timers, draw = self.settings, self.timers, self.random.random
        timers.ping = now + limits.ping_interval * draw()
        timers.shuffle = now + limits.shuffle_interval * draw()
        timers.ring = now + limits.ping_interval * draw()
        timers.seek = now + limits.ping_interval * draw()
        timers.reach = now + 10 * limits.ping_interval * (0.5 + draw())
        timers.refresh = now + 12 * limits.shuffle_interval * (0.5 + draw())
        self.due = now

    def send(self, address: str, message: Message) -> None:
        """Adds to the outputs."""
        self.out.append(Send(address, message))

    def earliest(self) -> float:
        """The time of whatever is due next."""
        at = self.timers.earliest()
        for neighbour in self.active.values():
            at = min(at, neighbour.suspected_until)
        for probe in self.probes.values():
            at = min(at, probe.deadline)
        for relay in self.relays.values():
            at = min(at, relay.deadline)
        for deadline in self.pending.values():
            at = min(at, deadline)
        return min(at, self.challenge.deadline) if self.challenge else at

    def wake(self, at: float) -> None:
        """Something has to happen then, at the latest."""
        self.due = min(self.due, at)

    def number(self) -> int:
        """A number that no question under way has."""
        self.sequence += 1
        return self.sequence

    def rise(self, claimed: int) -> None:
        """Refutes what was said about an incarnation of ours: from now on there is a later one."""
        if self.me.incarnation <= claimed < HEARSAY:
            self.me = replace(self.me, incarnation=claimed + 1)

    def drawn(self, members: list[Member], most: int) -> list[Member]:
        """At most so many of the members, at random."""
        return members if len(members) <= most else self.random.sample(members, most)

    def neighbours(self, *but: str) -> list[Member]:
        """The members of the active view but those named."""
        return [one.member for name, one in self.active.items() if name not in but]

    def pause(self, by: float) -> None:
        """This process, or its clock, stood still for so long: nobody is late because of that."""
        self.timers.shift(by)
        if self.born is not None:
            self.born += by
        for neighbour in self.active.values():
            neighbour.suspected_until += by
        for probe in self.probes.values():
            probe.deadline += by
        for relay in self.relays.values():
            relay.deadline += by
        if self.challenge:
            self.challenge.deadline += by
        for name in self.pending:
            self.pending[name] += by
