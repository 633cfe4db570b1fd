"""Whether a key is allowed in a domain, at this moment: the folder is looked at again while the worker runs.

The answer is asked for every message, so that a revoked key is mute at once, not only after its connection ends.
"""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

from vmesh.errors import KeyFileError
from vmesh.security import DOMAINS
from vmesh.security.key_file import read_public

Stamp = tuple[tuple[str, int, int, int], ...]
LOOK_INTERVAL = 1.0  # s
PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE)  # worth another attempt


class AllowList:
    """The allowed keys of a key folder.

    Args:
        folder: see `vmesh.security.key_folder`.
        clock: seconds that only grow.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.problems: tuple[str, ...] = ()
        self._places = {domain: folder / "allowed" / domain for domain in DOMAINS}
        self._revoked = folder / "revoked"
        self._clock = clock
        self._stamp: Stamp | None = None
        self._keys: dict[str, frozenset[str]] = dict.fromkeys(DOMAINS, frozenset())
        self._looked = clock()
        self.look()

    def permits(self, domain: str, public: str) -> bool:
        """Whether that key may speak in that domain."""
        now = self._clock()
        if now - self._looked >= LOOK_INTERVAL:
            self._looked = now
            self.look()
        return public in self._keys[domain]

    def look(self) -> None:
        """Reads the folder now if it has changed. While it cannot be read, what was read last stays in force.

        `problems` says what could not be read. A missing folder holds no keys.
        """
        try:
            stamp = self._look_at_files()
            if stamp != self._stamp:
                self._read()
                self._stamp = stamp
        except OSError as error:
            self.problems = (f"{error.filename}: cannot be read: {error.strerror}; the keys known so far stay in force",)

    def _read(self) -> None:
        problems: list[str] = []
        revoked = _public_keys(self._revoked, problems)
        self._keys = {domain: _public_keys(place, problems) - revoked for domain, place in self._places.items()}
        self.problems = tuple(problems)

    def _look_at_files(self) -> Stamp:
        return tuple(entry for place in (*self._places.values(), self._revoked) for entry in _entries(place))


def _entries(place: Path) -> Stamp:
    """A file's name, inode, size and time of change: enough to see that it is another one."""
    try:
        with os.scandir(place) as entries:
            found = [(entry.path, entry.stat()) for entry in entries if _is_key_name(entry.name)]
    except FileNotFoundError:
        return ()
    return tuple(sorted((path, status.st_ino, status.st_size, status.st_mtime_ns) for path, status in found))


def _public_keys(place: Path, problems: list[str]) -> frozenset[str]:
    keys = set()
    for path, *_ in _entries(place):
        try:
            keys.add(read_public(Path(path))[1])
        except KeyFileError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in PASSING:
                raise error.__cause__ from error
            problems.append(str(error))
    return frozenset(keys)


def _is_key_name(name: str) -> bool:
    return name.endswith(".pub") and not name.startswith(".")
