"""What a state machine asks its surroundings to do. State machines hold no socket and no clock: events in, outputs out."""

from dataclasses import dataclass

from vmesh.messages import Member, Message


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message there. It may be lost."""

    address: str  # "host:port"
    message: Message


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A neighbour was won."""

    member: Member


@dataclass(frozen=True, slots=True)
class LinkDown:
    """A neighbour was lost; `reason` is one of dead, left, unlinked, expelled."""

    member: Member
    reason: str


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Another living process answers to our name; it was there first, and we have to go."""

    member: Member


Output = Send | LinkUp | LinkDown | NameTaken
