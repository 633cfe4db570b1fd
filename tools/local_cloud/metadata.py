"""What an instance is told about itself: the paths of EC2's metadata service, version 2, and their answers.

Who asks is known by the address that the question comes from. A token must be fetched first by PUT, and is good only for the
address that fetched it, until its time is over.
Source: Amazon EC2 User Guide, "Instance metadata categories" and "Use the Instance Metadata Service".
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST = 21600  # seconds that a token may live
Text = str | Callable[[], str]


@dataclass(frozen=True)
class Facts:
    """One instance. `values`: path below /latest/ to text, or to what gives it when it is asked for."""

    token_required: bool = True
    enabled: bool = True
    hops: int = 1
    values: dict[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """`hops`: how far the answer may travel; None: as far as any."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hops: int | None = None


class Service:
    """Answers requests; `facts_of` tells what is known of the instance with an address, None: there is none."""

    def __init__(self, facts_of: Callable[[str], Facts | None], clock: Callable[[], float] = time.monotonic) -> None:
        self.facts_of, self.clock = facts_of, clock
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, headers: dict[str, str], address: str) -> Answer:
        """`headers`: names in lower case."""
        facts = self.facts_of(address)
        if facts is None:
            return Answer(404)
        if not facts.enabled:
            return Answer(403)
        path = path.partition("?")[0]
        if path == "/latest/api/token":
            return self.token(method, headers, address, facts)
        given = headers.get("x-aws-ec2-metadata-token")
        if (given is None and facts.token_required) or (given is not None and not self.good(given, address)):
            return Answer(401)
        found = looked_up(facts.values, path.removeprefix("/latest/")) if path.startswith("/latest/") else None
        return Answer(404) if found is None or method not in ("GET", "HEAD") else Answer(200, found)

    def token(self, method: str, headers: dict[str, str], address: str, facts: Facts) -> Answer:
        if method != "PUT":
            return Answer(405)
        if "x-forwarded-for" in headers:
            return Answer(403)  # something passes on what strangers ask
        seconds = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if not (seconds.isdecimal() and 1 <= int(seconds) <= LONGEST):
            return Answer(400)
        made = secrets.token_urlsafe(40)
        now = self.clock()
        with self._lock:
            self._tokens = {token: entry for token, entry in self._tokens.items() if entry[1] > now}
            self._tokens[made] = address, now + int(seconds)
        return Answer(200, made, {"X-aws-ec2-metadata-token-ttl-seconds": seconds}, facts.hops)

    def good(self, token: str, address: str) -> bool:
        with self._lock:
            whose, end = self._tokens.get(token, ("", 0.0))
        return whose == address and self.clock() < end


def looked_up(values: dict[str, Text], path: str) -> str | None:
    """The value at a path, or the names below it: folders end with a slash. None: there is nothing."""
    path = path.rstrip("/")
    value = values.get(path)
    if value is not None:
        return value if isinstance(value, str) else value()
    below = f"{path}/" if path else ""
    names = [name.removeprefix(below) for name in values if name.startswith(below)]
    shown = {f"{name.partition('/')[0]}/" if "/" in name else name for name in names}
    return "\n".join(sorted(shown)) or None
