"""The source bundle: the files that git knows, as they stand in the working tree, in one archive with a checksum for a name.

The checksum is that of the archive before compression, which not every zlib does alike. Unpacked, the archive stands for the
checkout that it came from: `from_archive` knows the same files.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vgp.errors import InputError
from vmesh.cloud import archive
from vmesh.cloud.archive import Member

LARGEST = 256 << 20  # bytes of a source archive: without bounds a small file could unpack to fill the memory
SHORT = 12  # digits of the checksum that names carry
PROJECT = "pyproject.toml"


@dataclass(frozen=True)
class Source:
    """A state of the source: its tar bytes. `unknown` are files that git neither knows nor ignores and that are not in it."""

    tar: bytes
    version: str
    unknown: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Of the archive before compression, hexadecimal."""
        return archive.digest(io.BytesIO(self.tar))

    @property
    def key(self) -> str:
        """The object's name in the code bucket."""
        return f"sources/{self.version}-{self.sha256[:SHORT]}.tar.gz"

    def compressed(self) -> bytes:
        """The archive as it travels."""
        return gzip.compress(self.tar, 6, mtime=0)

    def members(self) -> list[Member]:
        """The files, sorted by name."""
        return list(archive.read(io.BytesIO(self.tar)))

    def content(self, member: Member) -> bytes:
        """The bytes of one file."""
        return self.tar[member.offset : member.offset + member.size]


def from_checkout(root: Path) -> Source:
    """The files that git knows below `root`, with the content that they have now; what is deleted stays out. Raises InputError."""
    tar = io.BytesIO()
    known = git(root, "--cached")
    archive.write(tar, (pair for name in known if (pair := member_of(root, name))))
    return finished(tar.getvalue(), tuple(git(root, "--others", "--exclude-standard")), f"{root} (as git knows it)")


def from_archive(path: Path) -> Source:
    """What was packed on another machine. Raises InputError."""
    try:
        with gzip.open(path) as file:
            tar = file.read(LARGEST + 1)
    except (OSError, EOFError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
        raise InputError(f"{path} is no source bundle: {error}") from None
    if len(tar) > LARGEST:
        raise InputError(f"{path} is no source bundle: it unpacks to more than {LARGEST:,} bytes")
    return finished(tar, (), str(path))


def finished(tar: bytes, unknown: tuple[str, ...], place: str) -> Source:
    source = Source(tar, "", unknown)
    project = next((member for member in source.members() if member.name == PROJECT), None)
    if project is None:
        raise InputError(f"{place} holds no {PROJECT}: it is not the top of this project")
    try:
        version = tomllib.loads(source.content(project).decode())["project"]["version"]
        archive.check_name(version)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{place}: {PROJECT} names no version: {error}") from None
    return Source(tar, version, unknown)


def member_of(root: Path, name: str) -> tuple[Member, BinaryIO | None] | None:
    """A file of the working tree, or None if it is there no more."""
    path = root / name
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return Member(name, False, 0, os.readlink(path)), None
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is neither a file nor a link: it cannot be in the source bundle")
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    return Member(name, bool(status.st_mode & stat.S_IXUSR), len(content)), io.BytesIO(content)


def git(root: Path, *options: str) -> list[str]:
    """Names of files below `root` that git lists. Raises InputError outside of a checkout."""
    # a hook's GIT_DIR and its like would lead to another checkout
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {"LC_ALL": "C"}
    command = ["git", "-C", str(root), "ls-files", "-z", *options]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        raise InputError("git is not installed: the source bundle holds the files that git knows; install git") from None
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["git says nothing"]
        raise InputError(
            f"{root} is no git checkout, and the source bundle holds the files that git knows: "
            f"run this in a clone of the project ({reason[0].removeprefix('fatal: ')})"
        )
    return sorted(set(done.stdout.decode(errors="surrogateescape").split("\0")) - {""})
