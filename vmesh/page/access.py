"""The token without which nothing is told and nothing is done: a part of every address of the page.

Such an address is a capability (W3C TAG, Good Practices for Capability URLs): it needs no cookie, which any other program on
loopback would be sent as well, and no other site's script can guess it.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from vmesh.errors import SettingsError

WORDS = re.compile(r"[A-Za-z0-9_-]{22,128}")  # 22 characters hold 128 bits
VARIABLE = "PAGE_TOKEN"  # of the environment, from the launcher: a page that is started again is where it was
HOSTS = ("127.0.0.1", "localhost", "::1")  # how a browser may call loopback: any other name leads here by a trick of DNS


def new_token() -> str:
    """192 random bits."""
    return secrets.token_urlsafe(24)


def token_of(path: str) -> str:
    """The token in a file, which is made, for its owner alone, where there is none; empty path: a new one. Raises SettingsError."""
    if not path:
        return new_token()
    file = Path(path).expanduser()
    try:
        return _read(file)
    except FileNotFoundError:
        return _made(file)
    except OSError as error:
        raise SettingsError(f"{file}: the token cannot be read: {(error.strerror or str(error)).lower()}") from None


def _read(file: Path) -> str:
    with open(file, "rb") as stream:
        status = os.fstat(stream.fileno())
        content = stream.read(1024)
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o037:  # systemd's credentials bear the group's right to read
        raise SettingsError(f"{file}: others can read this token; run chmod 600 {file}, or remove it for a new one")
    token = content.decode(errors="replace").strip()
    if not WORDS.fullmatch(token):
        raise SettingsError(f"{file}: holds no token (22 to 128 letters, digits, - and _); remove it for a new one")
    return token


def _made(file: Path) -> str:
    token = new_token()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="ascii") as stream:
            stream.write(f"{token}\n")
    except FileExistsError:
        return _read(file)
    except OSError as error:
        raise SettingsError(f"{file}: the token cannot be kept there: {(error.strerror or str(error)).lower()}") from None
    return token


def matches(given: str, token: str) -> bool:
    """Whether that is the token, in a time that does not tell how much of it is."""
    return secrets.compare_digest(given.encode(errors="replace"), token.encode())


def is_loopback_name(host: str) -> bool:
    """Whether a Host header names this machine by loopback, whatever the port: a tunnel may begin at another one."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host
    return name in HOSTS
