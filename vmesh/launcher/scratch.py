"""A folder for the checkpoints of a run that names none: it ends with the run, or, after a kill -9, when the next run begins."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "vmesh-"
LOCK = "launcher.lock"  # held as long as the run lasts


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder in the system's place for temporary files."""
    remove_left_over(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name, open(Path(name, LOCK), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(name)


def remove_left_over(folder: Path) -> None:
    """Removes what launchers of this user left there that were killed. Never raises."""
    for path in folder.glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError):  # it is in use, or somebody else's
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.fstat(fd).st_uid == path.parent.lstat().st_uid == os.getuid() and not path.parent.is_symlink():
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path.parent, ignore_errors=True)
            finally:
                os.close(fd)
