"""What exchange has done, counted for status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from vgp.island import ImportReport


@dataclass
class Counters:
    """Messages, organisms and reasons since the worker started."""

    sent: int = 0  # emigrations
    sent_organisms: int = 0
    received: int = 0  # immigrations
    accepted: int = 0  # organisms that joined the living
    duplicate: int = 0  # organisms that were held, or had been evaluated, already
    no_room: int = 0
    no_credit: int = 0  # emigrations that were not sent because the peer had not taken in the ones before
    dropped: int = 0  # immigrations that were let in and then not imported
    wants: int = 0
    supplies: int = 0
    rejected: Counter[str] = field(default_factory=Counter)  # immigrations and organisms by reason

    def imported(self, report: ImportReport) -> None:
        """Adds what the population reports."""
        self.accepted += report.accepted
        self.duplicate += report.duplicate
        self.no_room += report.no_room
        self.rejected.update(report.rejected)

    def as_dict(self) -> dict[str, object]:
        return {**vars(self), "rejected": dict(self.rejected)}
