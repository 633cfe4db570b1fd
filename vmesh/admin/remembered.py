"""Which changing requests have been obeyed already: one that is sent again, because its answer was lost, is answered from here."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from vmesh.admin.protocol import Id, Request

MOST_KEPT = 1024  # answers
MOST_BYTES = 4 << 20  # of answers
SECONDS = 600.0  # an asker that has not come back by then does not come back

Key = tuple[str, Id]  # who asked (public key; empty: anybody), and under which id


@dataclass(slots=True)
class Kept:
    """One request that was begun; `answer` is None until it is done."""

    content: bytes  # hash of what was asked for
    since: float
    answer: bytes | None = None


class Remembered:
    """Answers by asker and id, bounded in number, bytes and time. What is not done yet is never forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Kept | None:
        """What is known of this request."""
        return self._kept.get(key)

    def begin(self, key: Key, request: Request, now: float) -> None:
        """It is being obeyed from now on."""
        self._kept[key] = Kept(content_of(request), now)
        self._forget(now)

    def finish(self, key: Key, answer: bytes) -> None:
        """It was obeyed, or failed, with this answer."""
        kept = self._kept[key]
        kept.answer = answer
        self._bytes += len(answer)

    def _forget(self, now: float) -> None:
        for key, kept in list(self._kept.items()):
            if len(self._kept) <= MOST_KEPT and self._bytes <= MOST_BYTES and kept.since > now - SECONDS:
                return
            if kept.answer is not None:
                self._bytes -= len(kept.answer)
                del self._kept[key]


def content_of(request: Request) -> bytes:
    """A hash of what is asked for, whoever asks and however long they wait. Only for arguments that were checked."""
    asked: Any = [request.command, request.arguments]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode("ascii")).digest()
