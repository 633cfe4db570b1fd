"""The folder of fetched tables: what is kept where, who may write, what is thrown away.

    tables/KEY/          a table that was fetched, checked and parsed: description, float64, float32   (stored_table.py)
    seen/KEY             the checksum of what stood at a location when it was looked at last
    fetching/KEY/        being made under the lock; whatever a dead process left here is thrown away, never used
    locks/KEY            one process at a time fetches the same table

A table appears under tables/ by one rename, when it is complete. Everything is checked when it is used, so a write that did not
reach the disk costs a second fetch and nothing else. A table is not removed while a worker uses it: its sandbox, started anew,
opens the file again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vgp.errors import InputError
from vmesh.data.stored_table import remove_unused
from vmesh.errors import StorageError

FOLDERS = ("tables", "seen", "fetching", "locks")
KEPT = 16  # tables, the last used ones; each change of data adds one
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
Notify = Callable[[str], None]


class Cache:
    """A cache folder of one user; made if it is not there. Raises InputError if it cannot be used."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(os.path.abspath(folder)) if folder else default_folder()
        with self.errors():
            for name in FOLDERS:
                (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
                check_own(self.folder / name)

    def table(self, key: str) -> Path:
        """The folder of a table, whether it is there or not."""
        return self.folder / "tables" / key

    @contextlib.contextmanager
    def fetching(self, key: str, waiting: Callable[[], None]) -> Iterator[Path]:
        """An empty folder to make a table in, for one process at a time; `waiting` is told if another one has it.

        The folder is removed when the block ends. If the process dies instead, the lock goes with it, and the next one cleans up.
        """
        with self.errors(), open(self.folder / "locks" / key, "ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(lock, fcntl.LOCK_EX)
            folder = self.folder / "fetching" / key
            shutil.rmtree(folder, ignore_errors=True)
            self.remove_leftovers()
            folder.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def remove_leftovers(self) -> None:
        """Removes what processes that died left half made: whoever is alive holds its lock."""
        for folder in (self.folder / "fetching").iterdir():
            with contextlib.suppress(OSError), open(self.folder / "locks" / folder.name, "ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, made: Path, key: str) -> None:
        """Puts a complete table in its place; a damaged or older one there is moved out of the way first."""
        for attempt in range(10):
            try:
                os.rename(made, self.table(key))
                break
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or attempt == 9:
                    raise
            with contextlib.suppress(FileNotFoundError):  # another process that fetched the same from elsewhere was quicker
                os.rename(self.table(key), made.with_name(f"replaced-{attempt}"))
        self.forget_the_oldest()

    def used(self, key: str) -> None:
        """Marks a table as used now."""
        with contextlib.suppress(OSError):
            os.utime(self.table(key))

    def forget_the_oldest(self) -> None:
        """Removes all but the tables used last and those in use."""
        with contextlib.suppress(OSError):
            tables = sorted((self.folder / "tables").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in tables[KEPT:]:
                with contextlib.suppress(OSError):
                    remove_unused(path)

    def seen(self, key: str, identity: str) -> str | None:
        """The checksum noted for a location, if what stands there is still identical."""
        try:
            noted = json.loads((self.folder / "seen" / key).read_bytes())
            checksum = noted["checksum"]
            return checksum if noted["identity"] == identity and isinstance(checksum, str) else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def note(self, key: str, identity: str, checksum: str, own: Path) -> None:
        """Notes a location's checksum; `own` is a folder of this process to write aside in."""
        aside = own / "seen"
        aside.write_text(json.dumps({"identity": identity, "checksum": checksum}))
        os.replace(aside, self.folder / "seen" / key)

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """What the file system refuses, in one line: a full disk may have room later, a forbidden folder stays forbidden."""
        try:
            yield
        except OSError as error:
            raise self.explained(error) from None
        except InputError as error:  # the engine's way to say that a data file could not be written
            cause = error.__cause__
            if isinstance(cause, OSError):
                raise self.explained(cause) from None
            raise

    def explained(self, error: OSError) -> InputError | StorageError:
        reason = error.strerror or str(error)
        if error.errno in FULL or error.errno == errno.EIO:
            remedy = "free some space there, or choose another folder (setting worker.cache)"
            return StorageError(f"the cache folder {self.folder} cannot take the table: {reason}; {remedy}")
        return InputError(f"the cache folder {self.folder} cannot be used: {reason}; choose another (setting worker.cache)")


def check_own(folder: Path) -> None:
    """A folder that others may write to could hold tables that nobody checked."""
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
        raise PermissionError(errno.EPERM, f"other users may write to {folder.name}")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def default_folder() -> Path:
    """$XDG_CACHE_HOME/vmesh, or ~/.cache/vmesh."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return Path(base if os.path.isabs(base) else os.path.expanduser("~/.cache")) / "vmesh"


def key_of(*words: Any) -> str:
    """A file name for a request: the same for the same words."""
    return hashlib.blake2b(json.dumps(words).encode(), digest_size=16).hexdigest()
