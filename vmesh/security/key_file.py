"""A key pair, or its public half, as a small text file:

    vmesh-key 1
    name worker
    public rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7
    secret JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6

Keys are Curve25519 in Z85. A file with a secret may be read by its owner only, and is refused if others can read it.
"""

import os
import re
import stat
import struct
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from zmq.utils import z85

from vmesh.errors import KeyFileError

FIRST_LINE = "vmesh-key 1"
LARGEST = 4096
OWN = 0o077  # mode bits that a secret of ours must not have
CREDENTIAL = 0o037  # and one from systemd, which lets a user read by an access list; the mode shows that as the group's right
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
Z85_KEY = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves of a key; the secret one stays out of whatever prints it."""

    name: str
    public: str
    secret: str = field(repr=False)


def new_pair(name: str) -> KeyPair:
    """A fresh key. None begins with a dash: on a command line that would be an option."""
    public, secret = zmq.curve_keypair()
    while public.startswith(b"-"):
        public, secret = zmq.curve_keypair()
    return KeyPair(name, public.decode(), secret.decode())


def is_key(text: str) -> bool:
    """Whether that is the text of 32 bytes in Z85."""
    if not Z85_KEY.fullmatch(text):
        return False
    try:
        z85.decode(text)
    except struct.error:
        return False
    return True


def check_name(name: str) -> str:
    """Names of keys become names of files. Raises KeyFileError."""
    if not NAME.fullmatch(name):
        raise KeyFileError(f"a key cannot be called {name!r}; use up to 64 letters, digits, dots, dashes and underscores")
    return name


def write_pair(path: Path, pair: KeyPair) -> None:
    """Writes a new file that only its owner can read; a file that is there already is not touched. Raises KeyFileError."""
    _write(path, f"{FIRST_LINE}\nname {pair.name}\npublic {pair.public}\nsecret {pair.secret}\n", 0o600)


def write_public(path: Path, name: str, public: str) -> None:
    """The same for the half that others may know."""
    _write(path, f"{FIRST_LINE}\nname {name}\npublic {public}\n", 0o644)


def read_pair(path: Path, closed: int = OWN) -> KeyPair:
    """Raises KeyFileError for a file that is missing, malformed, readable by others, or whose halves do not belong together.

    `closed`: the bits that the file's mode must not have.
    """
    fields = _read(path, closed)
    pair = KeyPair(fields["name"], fields["public"], fields["secret"])
    if zmq.curve_public(pair.secret.encode()).decode() != pair.public:
        raise KeyFileError(f"{path}: the two halves of the key do not belong together; copy the file again")
    return pair


def read_public(path: Path) -> tuple[str, str]:
    """Name and public key; the file may hold the secret one as well. Raises KeyFileError."""
    fields = _read(path)
    return fields["name"], fields["public"]


def _write(path: Path, text: str, mode: int) -> None:
    """Aside, then linked to its name: who reads the folder meanwhile sees no half of a key."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.unlink(missing_ok=True)
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(fd, "w", encoding="ascii") as file:
            os.fchmod(fd, mode)
            file.write(text)
            file.flush()
            os.fsync(fd)
        os.link(aside, path)
    except FileExistsError as error:
        raise KeyFileError(f"{path}: is there already; choose another name, or remove it first") from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)


def _read(path: Path, closed: int | None = None) -> dict[str, str]:
    secret = closed is not None
    lines = _text(path, closed or 0).splitlines()
    fields = dict(line.split(" ", 1) for line in lines[1:] if " " in line)
    wanted = ("name", "public", "secret") if secret else ("name", "public")
    if lines[:1] != [FIRST_LINE] or not all(field in fields for field in wanted):
        raise KeyFileError(f"{path}: is no key file of vmesh; make one with vmesh keys")
    if not NAME.fullmatch(fields["name"]) or not all(is_key(fields[field]) for field in wanted[1:]):
        raise KeyFileError(f"{path}: the key in it is damaged; copy the file again")
    return fields


def _text(path: Path, closed: int) -> str:
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & closed:
                raise KeyFileError(f"{path}: others can read this key; run chmod 600 {path}, or revoke it if they may have")
            content = file.read(LARGEST + 1) if stat.S_ISREG(mode) else b""
    except FileNotFoundError as error:
        raise KeyFileError(f"{path}: there is no such key; make keys with vmesh keys new, or copy it here") from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise KeyFileError(f"{path}: is too large for a key")
    return content.decode("ascii", "replace")
