"""What can go wrong while a node asks for something, and patience with it. Standard library only, like all that boots a node."""

from __future__ import annotations

import errno
import http.client
import random
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Answer = TypeVar("Answer")
PATIENCE = 120.0  # seconds that a step may be in vain
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two attempts
FULL = (errno.ENOSPC, errno.EDQUOT)
BROKEN = (OSError, ValueError, http.client.HTTPException)  # a connection, or what came through it
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy for the world is none for what is next door


class Unfit(Exception):
    """What another attempt does not mend: one sentence that says what is wrong and what to do."""


class Missing(Unfit):
    """There is no such object."""


class Unreachable(Exception):
    """What may work later."""


def log(text: object) -> None:
    """A line for the journal."""
    print(f"{text}", file=sys.stderr, flush=True)


def ask(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, seconds: float = 10.0) -> Any:
    """The answer, to be read and closed. HTTPError from 400 on; Unreachable without an answer."""
    try:
        return OPENER.open(urllib.request.Request(url, body, dict(headers), method=method), timeout=seconds)
    except urllib.error.HTTPError:
        raise
    except BROKEN as error:
        raise Unreachable(f"{url.partition('?')[0]} does not answer: {getattr(error, 'reason', error)!r}") from None


def content(answer: Any, most: int) -> bytes:
    """What an answer holds, `most` + 1 bytes at most. Raises OSError if it breaks off, which a bounded read does not tell."""
    found = bytes(answer.read(most + 1))
    expected = answer.headers.get("Content-Length", "")
    if expected.isdecimal() and len(found) < min(int(expected), most + 1):
        raise OSError(f"{len(found)} bytes of {expected}")
    return found


def patiently(
    action: Callable[[], Answer],
    seconds: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """The result of an action that may be unreachable for a while. Raises Unreachable when that lasts."""
    until, pause = clock() + seconds, FIRST_PAUSE
    while True:
        try:
            return action()
        except Unreachable as error:
            if clock() + pause > until:
                raise
            log(f"{error}; tried again in {pause:g} s")
            sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE)


def sentence(error: BaseException) -> str:
    """What a record says about it."""
    if isinstance(error, (Unfit, Unreachable)):
        return str(error)
    if isinstance(error, OSError) and error.errno in FULL:
        return f"the disk is full ({error.filename or 'writing'}); give instances a larger disk"
    return f"unforeseen: {error!r}; look at journalctl -u vmesh-bootstrap on the node"
