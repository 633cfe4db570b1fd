"""How many bytes a message takes on the wire, by kind and number of members: fast enough to count millions."""

from vmesh.messages import Member, Message, Predecessor, Shuffle, ShuffleReply, Welcome

ENVELOPE = 4  # version, number, lengths
NUMBERS = 18  # incarnation and nonce of a member


class MessageSizes:
    """Sizes seen so far. They are exact for the first message of a kind, and off by the lengths of names and numbers for others."""

    def __init__(self) -> None:
        self._sizes: dict[tuple[type[Message], int], int] = {}

    def of(self, sender: Member, message: Message) -> int:
        """Bytes of its encoding."""
        kind = type(message)
        members = 0
        if isinstance(message, Shuffle | ShuffleReply | Welcome):
            members = len(message.members)
        elif isinstance(message, Predecessor):
            members = 1 + len(message.nearby)
        size = self._sizes.get((kind, members))
        if size is None:
            size = self._sizes[kind, members] = ENVELOPE + 6 + (1 + members) * _size(sender)
        return size


def _size(member: Member) -> int:
    return NUMBERS + 4 + len(member.name) + len(member.address) + len(member.admin)
