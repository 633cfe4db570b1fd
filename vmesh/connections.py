"""Which connection has to go when there are too many.

A connection that proves no key within the handshake time is closed by its socket; thousands of such can still be opened in that
time. Beyond the limit the oldest one of those goes that may not have proved its key yet: one that does so at once is through long
before its turn, and those that are older than the handshake time have proved theirs.
"""

import contextlib
import os
import socket
from collections import deque


class Connections:
    """Counts the connections to one socket, named by their descriptors.

    Args:
        most: connections at a time.
        handshake_time: s; older ones have proved their key.
    """

    def __init__(self, most: int, handshake_time: float) -> None:
        self.most = most
        self.turned_away = 0
        self._handshake_time = handshake_time
        self._since: dict[int, float] = {}
        self._young: deque[tuple[int, float]] = deque()

    def __len__(self) -> int:
        return len(self._since)

    def opened(self, descriptor: int, now: float) -> int | None:
        """A connection came in. The descriptor of the one that has to go for it, or None."""
        self._since[descriptor] = now
        self._young.append((descriptor, now))
        while self._young and (now - self._young[0][1] > self._handshake_time or self._is_gone(*self._young[0])):
            self._young.popleft()
        if len(self._since) <= self.most or not self._young:
            return None
        self.turned_away += 1
        goes, _ = self._young.popleft()
        del self._since[goes]
        return goes

    def closed(self, descriptor: int) -> None:
        """It ended."""
        self._since.pop(descriptor, None)

    def _is_gone(self, descriptor: int, since: float) -> bool:
        return self._since.get(descriptor) != since


def hang_up(descriptor: int, port: int) -> None:
    """Ends a connection that came in at that port and belongs to a socket of another thread, which then closes it.

    The number may lead to something else by now; the copy that is looked at is the one that is shut down.
    """
    try:
        copy = os.dup(descriptor)
    except OSError:
        return
    try:
        connection = socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        return
    with connection, contextlib.suppress(OSError):
        if connection.family in (socket.AF_INET, socket.AF_INET6) and connection.getsockname()[1] == port:
            connection.getpeername()  # fails for what does not come from anywhere
            connection.shutdown(socket.SHUT_RDWR)
