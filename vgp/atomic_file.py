"""Files that are replaced whole or not at all: written aside in the same folder, synced, renamed, the folder synced.

A writer may be killed at any system call, or lose the machine's power: the name then leads to the old content or to the
new one. What a dead writer leaves behind is a temporary file named `.NAME.<16 hex digits>.tmp`; every writer holds a
lock on its own, so the next one can tell the dead from the living and removes them.
"""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from vgp.errors import CheckpointError

PathLike = str | os.PathLike[str]

ADVICE = {
    errno.ENOSPC: "free some space or choose another folder",
    errno.EDQUOT: "free some space or choose another folder",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder that can be written to",
    errno.ENOENT: "make the folder first",
    errno.ENOTDIR: "part of the path is a file, not a folder",
}

WITHOUT_LINKS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)


def atomic_write(path: PathLike, data: bytes | bytearray | memoryview) -> None:
    """Replaces the file at `path` by `data` (any bytes), whole or not at all.

    Raises CheckpointError in one line that names the file; what stood there before is then untouched.
    """
    with replacing(path) as fd:
        write_all(fd, data)


@contextlib.contextmanager
def replacing(path: PathLike, keep: int = 0) -> Iterator[int]:
    """The descriptor of a new file that takes the place of `path` when the block ends without an error.

    The file replaced is kept as `path.1`, the one before it as `path.2`, up to `keep` of them. On an error the new file is
    removed and the old ones stay; an OSError becomes a CheckpointError that names `path`.
    """
    target = resolved(path)
    try:
        refuse_special_files(target)
        remove_leftovers(target)
        fd, temporary = create_locked(target)
        try:
            yield fd
            os.fsync(fd)
            commit(temporary, target, keep)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        finally:
            os.close(fd)
    except OSError as error:
        raise CheckpointError(explanation(path, error)) from error


def commit(temporary: Path, target: Path, keep: int) -> None:
    """`target` is whole at every moment, and the kept files move up only when the new one is safe."""
    spare = set_aside(target, keep) if keep else None
    try:
        os.rename(temporary, target)
    except BaseException:
        if spare:
            spare.unlink()
        raise
    sync_folder(target.parent)
    if spare:
        move_up(target, keep)
        with contextlib.suppress(FileNotFoundError):  # a second writer of the same name has taken it for a leftover
            os.rename(spare, numbered(target, 1))
        sync_folder(target.parent)


def set_aside(target: Path, keep: int) -> Path | None:
    """A second name for the file that is about to be replaced; where links are not to be had it becomes `.1` at once."""
    spare = temporary_name(target)
    try:
        os.link(target, spare)
        return spare
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
    move_up(target, keep)
    os.rename(target, numbered(target, 1))
    return None


def move_up(target: Path, keep: int) -> None:
    """Frees the name `target.1`; the file numbered `keep` falls off the end."""
    for number in range(keep - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            os.rename(numbered(target, number), numbered(target, number + 1))


def numbered(target: Path, number: int) -> Path:
    return target.with_name(f"{target.name}.{number}")


def resolved(path: PathLike) -> Path:
    """The file that `path` leads to: a link to a checkpoint stays a link."""
    return Path(os.path.realpath(path))


def explanation(path: PathLike, error: OSError) -> str:
    advice = ADVICE.get(error.errno or 0)
    return f"{os.fspath(path)}: cannot be written: {error.strerror or error}" + (f"; {advice}" if advice else "")


def refuse_special_files(target: Path) -> None:
    """Renaming over /dev/null would replace the device by a file."""
    if target.exists() and not target.is_file():
        raise CheckpointError(f"{target}: is not an ordinary file; choose another name")


def write_all(fd: int, data: bytes | bytearray | memoryview) -> None:
    """os.write may write less than it is given."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(folder: Path) -> None:
    """Makes renames in `folder` durable. A file system that cannot do this for folders is left in peace."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(fd)


def temporary_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")


def create_locked(target: Path) -> tuple[int, Path]:
    """A new temporary file beside `target`, locked by this writer. Another writer's clean-up may win the moment between
    creating and locking; the file is then gone, which its link count tells, and a second one is made."""
    while True:
        temporary = temporary_name(target)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with contextlib.suppress(OSError):  # a file system without locks: leftovers then wait for one that has them
            fcntl.flock(fd, fcntl.LOCK_EX)
        if os.fstat(fd).st_nlink:
            return fd, temporary
        os.close(fd)


def remove_leftovers(target: Path) -> None:
    """Removes temporary files of `target` whose writer is dead, that is: whose lock nobody holds."""
    pattern = re.compile(re.escape(f".{target.name}.") + "[0-9a-f]{16}" + re.escape(".tmp"))
    with os.scandir(target.parent) as entries:
        names = [entry.name for entry in entries if pattern.fullmatch(entry.name)]
    for name in names:
        with contextlib.suppress(OSError):  # gone meanwhile, locked, or not ours
            remove_if_unlocked(target.with_name(name))


def remove_if_unlocked(leftover: Path) -> None:
    fd = os.open(leftover, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            leftover.unlink()
    finally:
        os.close(fd)
