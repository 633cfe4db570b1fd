"""Which table the mesh evolves on: an announcement wins by version, then by checksum, and spreads from neighbour to neighbour.

Every worker keeps the winner of all announcements it accepted. It passes a new one on to its neighbours at once, and asks a
random neighbour now and then, so that whoever missed it gets it. Version 0 is the table a worker was started with; it is never
announced. No socket, no clock: events in, messages out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from vgp.errors import InputError
from vmesh.data.location import is_allowed
from vmesh.messages import DataAnnouncement, DataVersion, Member, Message
from vmesh.outputs import Send

CHECKSUM = re.compile(r"[0-9a-f]{64}")
LARGEST = 2**62  # versions beyond it are refused, so that there is always a next one
LEAP = 2**20  # an announcement may be so many versions ahead: a single one cannot use the numbers up
LONGEST = 1024  # bytes of a URL
INTERVAL = 10.0  # seconds between two questions to a random neighbour
FIRST_RETRY, LAST_RETRY = 2.0, 120.0  # seconds after a table that was announced could not be had


class Announcements:
    """What is known about the mesh's table, and which one is in use here.

    Args:
        used: the table that this worker evolves on; version 0 unless it was announced before a restart.
        allowed: where announced tables may come from, see `vmesh.data.prefixes`.
    """

    def __init__(self, used: DataAnnouncement, allowed: Sequence[str], random: Random) -> None:
        self.used = used
        self.newest = used
        self.refused: dict[str, int] = {}  # announcements not accepted, by reason
        self.error = ""  # why the newest one is not in use, in a line
        self._allowed, self._random = tuple(allowed), random
        self._next_question = 0.0
        self._next_attempt = self._failures = 0.0

    # --- what happens in the mesh ---

    def link_up(self, member: Member) -> list[Send]:
        """A new neighbour: it may know a newer table, or need ours."""
        return [Send(member.address, self._standing())]

    def receive(self, sender: Member, message: DataVersion | DataAnnouncement, active: Sequence[Member]) -> list[Send]:
        """Answers a neighbour, and passes on what is new. `active`: the neighbours."""
        if isinstance(message, DataVersion):
            return self._answer(sender, message.version)
        reason = self._objection(message)
        if reason:
            self.refused[reason] = self.refused.get(reason, 0) + 1
        elif rank(message) > rank(self.newest):
            self._accept(message)
            return [Send(member.address, message) for member in active if member.name != sender.name]
        elif rank(message) < rank(self.newest):
            return [Send(sender.address, self._standing())]
        return []

    def advance(self, now: float, active: Sequence[Member]) -> list[Send]:
        """Asks a random neighbour when it is time."""
        if now < self._next_question:
            return []
        self._next_question = now + INTERVAL * self._random.uniform(0.8, 1.2)
        return [Send(self._random.choice(active).address, self._standing())] if active else []

    def next_timer(self) -> float:
        """When `advance` has something to do."""
        return self._next_question

    # --- what happens here ---

    def check_place(self, url: str) -> None:
        """Raises InputError for a place that tables may not come from, before anything is read there."""
        if not is_allowed(url, self._allowed):
            raise self._refusal(url, "place")

    def announce(self, url: str, checksum: str, active: Sequence[Member]) -> list[Send]:
        """An administrator's new table, already prepared here. Raises InputError if others would have to refuse it."""
        message = DataAnnouncement(self.newest.version + 1, url, checksum, self.newest.target)
        reason = self._objection(message)
        if reason:
            raise self._refusal(url, reason)
        self._accept(message)
        return [Send(member.address, message) for member in active]

    def pending(self, now: float) -> DataAnnouncement | None:
        """The table to move to now, if there is one; after a failure again only after a while."""
        return self.newest if rank(self.newest) != rank(self.used) and now >= self._next_attempt else None

    def moved(self, to: DataAnnouncement) -> None:
        """The island evolves on this one."""
        self.used = to
        if rank(to) == rank(self.newest):
            self.error = ""

    def failed(self, which: DataAnnouncement, reason: str, now: float) -> None:
        """The table could not be fetched, or does not fit: the island stays where it is, and tries again with growing pauses."""
        if rank(which) == rank(self.newest):
            self.error = reason
            self._next_attempt = now + min(FIRST_RETRY * 2**self._failures, LAST_RETRY)
            self._failures = min(self._failures + 1, 16)

    def status(self) -> dict[str, Any]:
        """For administrators."""
        return {
            "url": self.used.url,
            "version": self.used.version,
            "checksum": self.used.checksum,
            "announced_version": self.newest.version,
            "announced_url": self.newest.url,
            "error": self.error,
            "refused": dict(self.refused),
        }

    def _refusal(self, url: str, reason: str) -> InputError:
        allowed = ", ".join(self._allowed)
        return InputError(f"{url} cannot be announced ({reason}); tables may come from: {allowed} (setting worker.data_from)")

    def _accept(self, message: DataAnnouncement) -> None:
        self.newest = message
        self.error = ""
        self._next_attempt = self._failures = 0.0

    def _answer(self, sender: Member, version: int) -> list[Send]:
        if version == self.newest.version:
            return []
        return [Send(sender.address, self._standing())]  # newer here: an announcement; older here: a question

    def _standing(self) -> Message:
        return self.newest if self.newest.version else DataVersion(0)

    def _objection(self, message: DataAnnouncement) -> str:
        """Why an announcement is not acceptable, in a word; nothing if it is."""
        if not 0 < message.version <= min(self.newest.version + LEAP, LARGEST):
            return "version"
        if not CHECKSUM.fullmatch(message.checksum):
            return "checksum"
        if message.target != self.newest.target:
            return "target"
        if len(message.url.encode("utf-8", "replace")) > LONGEST or not is_allowed(message.url, self._allowed):
            return "place"
        return ""


def rank(announcement: DataAnnouncement) -> tuple[int, str]:
    """What decides between two."""
    return announcement.version, announcement.checksum if announcement.version else ""
