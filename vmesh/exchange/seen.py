"""Bounded memory of organisms' ids: what a peer was sent, what was evaluated here. Copies are recognised by content.

Two generations of ids; when the younger one is full or old it becomes the older one, and that one is forgotten. So an id is
remembered for two spans at most: a message that was lost is sent again after that, and what a changed loss function made good gets
a second chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice


class Memory:
    """At most 2 `most` ids, none for longer than 2 `span` seconds."""

    __slots__ = ("_older", "_turn", "_younger", "most", "span")

    def __init__(self, most: int, span: float) -> None:
        self.most = most
        self.span = span
        self._younger: set[int] = set()
        self._older: set[int] = set()
        self._turn: float | None = None

    def __len__(self) -> int:
        return len(self._younger) + len(self._older)

    def add(self, ids: Iterable[int], now: float) -> None:
        """Remembers ids; of more than `most` at once only the first."""
        added = set(islice(ids, self.most))
        self._grow_old(now)
        if len(self._younger) + len(added) > self.most:
            self._rotate(now)
        self._younger |= added

    def unknown(self, ids: Iterable[int], now: float) -> list[int]:
        """Those of the ids that are not remembered, in their order."""
        self._grow_old(now)
        younger, older = self._younger, self._older
        return [one for one in ids if one not in younger and one not in older]

    def discard(self, ids: Iterable[int]) -> None:
        """Forgets these."""
        gone = set(ids)
        self._younger -= gone
        self._older -= gone

    def clear(self) -> None:
        """Forgets all."""
        self._younger, self._older = set(), set()

    def _grow_old(self, now: float) -> None:
        if self._turn is None:
            self._turn = now + self.span
        elif now >= self._turn + self.span:
            self.clear()
            self._turn = now + self.span
        elif now >= self._turn:
            self._rotate(now)

    def _rotate(self, now: float) -> None:
        self._older, self._younger = self._younger, set()
        self._turn = now + self.span
