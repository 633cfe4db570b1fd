"""How many bytes a message takes on the wire, by kind and number of members: fast enough to count millions."""

from vmesh.codec import encode
from vmesh.messages import Member, Message, Predecessor, Shuffle, ShuffleReply, Welcome


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
            members = len(message.nearby)
        size = self._sizes.get((kind, members))
        if size is None:
            size = self._sizes[kind, members] = len(encode(sender, message))
        return size
