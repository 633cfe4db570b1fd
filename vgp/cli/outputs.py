"""Files that a command will write: refused at the start rather than after an hour's run."""

import os
from pathlib import Path

from vgp.errors import InputError


def check_writable(option: str, path: str | None) -> None:
    """Raises InputError unless a file can be made or replaced at `path` (None: nothing to write)."""
    if path is None:
        return
    target = Path(path)
    folder = target.resolve().parent
    if not path or target.is_dir():
        raise InputError(f"{option} {path}: is a folder; name a file in it" if path else f"{option}: give the name of a file")
    if not folder.is_dir():
        raise InputError(f"{option} {path}: there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{option} {path}: {folder} cannot be written to; choose another folder")
