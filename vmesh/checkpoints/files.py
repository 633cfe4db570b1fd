"""What a worker calls its files in the checkpoint folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from vgp.errors import InputError


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one worker, by its index on its machine."""

    folder: Path
    hostname: str
    index: int

    @property
    def checkpoint(self) -> Path:
        """The newest checkpoint; those before it are `.1`, `.2`, ..."""
        return self._named("checkpoint")

    @property
    def lock(self) -> Path:
        """Held by the process that is this worker."""
        return self._named("lock")

    @property
    def incarnation(self) -> Path:
        """The largest incarnation that was ever begun here."""
        return self._named("incarnation")

    @property
    def announcement(self) -> Path:
        """The announced table that the worker moved to."""
        return self._named("data.json")

    @property
    def front(self) -> Path:
        """The front of formulas, written on leaving."""
        return self._named("front.json")

    @property
    def history(self) -> Path:
        """The statistics of all lives (vmesh/history)."""
        return self._named("history.sqlite")

    def make_folder(self) -> None:
        """Makes the checkpoint folder if it is not there. Raises InputError."""
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make the checkpoint folder {self.folder}: {error.strerror}; choose another one") from None

    def _named(self, what: str) -> Path:
        return self.folder / f"worker-{self.index}.{what}"
