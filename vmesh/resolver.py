"""Names of hosts to addresses, without waiting: a name server that does not answer must not hold up anything else."""

import ipaddress
import queue
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KEPT, FAILED_KEPT = 60.0, 2.0  # s until a name is looked up again
MOST = 1024  # names remembered
WAITING = 64  # names waiting to be looked up


def system_lookup(host: str) -> str:
    """What the system says, IPv4 if there is one. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(min(found, key=lambda one: one[0] != socket.AF_INET)[4][0])


class Resolver:
    """A small cache with a thread that fills it, started with the first name.

    Args:
        lookup: host -> address; raises OSError.
    """

    def __init__(self, lookup: Callable[[str], str] = system_lookup) -> None:
        self._lookup = lookup
        self._known: OrderedDict[str, tuple[str | None, float]] = OrderedDict()  # address and until when; None: unknown
        self._wanted: queue.Queue[str] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def address(self, host: str) -> str | None:
        """The address of a host; None: not known, or not yet."""
        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            pass
        with self._lock:
            found, until = self._known.get(host, (None, 0.0))
            if time.monotonic() >= until:
                self._ask(host, found)
            return found

    def _ask(self, host: str, stale: str | None) -> None:
        """The old answer serves until the new one is there."""
        try:
            self._wanted.put_nowait(host)
        except queue.Full:
            return
        self._remember(host, stale, FAILED_KEPT)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="resolver", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            host = self._wanted.get()
            try:
                address, kept = self._lookup(host), KEPT
            except (OSError, UnicodeError):
                address, kept = None, FAILED_KEPT
            with self._lock:
                self._remember(host, address, kept)

    def _remember(self, host: str, address: str | None, seconds: float) -> None:
        self._known[host] = (address, time.monotonic() + seconds)
        self._known.move_to_end(host)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
