"""One process per worker: two that use one checkpoint would each undo what the other did."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator

from vgp.errors import InputError
from vmesh.checkpoints.files import Files
from vmesh.errors import MeshError, StorageError

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextlib.contextmanager
def hold(files: Files) -> Iterator[None]:
    """Holds the worker's lock for a block; makes the checkpoint folder. It goes with the process, however that ends.

    Raises MeshError if another process has it, InputError if the folder cannot be used.
    """
    files.make_folder()
    try:
        fd = os.open(files.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # there may be room later; a folder that is forbidden stays so
            raise StorageError(f"the disk of the checkpoint folder {files.folder} is full; free some space there") from None
        raise InputError(f"cannot use the checkpoint folder {files.folder}: {error.strerror}; choose another one") from None
    try:
        take(fd, files)
        yield
    finally:
        os.close(fd)


def take(fd: int, files: Files) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in WITHOUT_LOCKS:  # a file system without locks: then there is nothing to know
            return
        owner = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
        process = f"process {owner}" if owner.isdigit() else "another process"
        raise MeshError(
            f"{process} already is worker {files.index} of {files.folder}; give another --index or --checkpoint-dir"
        ) from None
    with contextlib.suppress(OSError):  # the number is a courtesy; a full disk must not keep a worker from starting
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
