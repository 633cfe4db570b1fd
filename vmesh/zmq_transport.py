"""Messages over TCP: one bound socket that receives from everybody, and one socket for each address that is sent to."""

import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import zmq

from vmesh.addresses import advertised, bracketed, is_loopback, well_formed_address
from vmesh.resolver import Resolver
from vmesh.security import MESH
from vmesh.sockets import Sockets
from vmesh.transport import Received

MOST_WAYS = 128
IDLE = 60.0  # s unused until a way is closed
PARTING = 0.2  # s for what is under way on a way that is closed
STUCK = 5.0  # s without taking a message, after which a way is made anew


@dataclass(slots=True)
class _Way:
    """To one address."""

    socket: zmq.Socket[bytes]
    used: float
    taking: float  # when it last took a message


class ZmqTransport:
    """One worker's end; a `vmesh.transport.Transport`.

    Args:
        sockets: where it waits.
        host: address to listen at.
        port: 0 takes a free one.
        advertise: the host that others reach this worker at; empty: `host`.
        most_ways: addresses that connections are kept to; beyond, the least recently used one is closed.

    Raises SettingsError, or MeshError if the port is taken.
    """

    def __init__(
        self,
        sockets: Sockets,
        host: str,
        port: int,
        *,
        advertise: str = "",
        most_ways: int = MOST_WAYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sockets, self._most_ways, self._clock = sockets, most_ways, clock
        self._router = sockets.router(host, port, MESH)
        self._address = advertised(host, advertise, self._router.port)
        self._ways: OrderedDict[str, _Way] = OrderedDict()
        self._resolver = Resolver()
        self._closed = False
        self.counters: Counter[str] = self._router.counters  # those of Router, and sent, dropped, too_large, unreachable

    @property
    def address(self) -> str:
        """The "host:port" at which others reach this worker."""
        return self._address

    def send(self, address: str, payload: bytes) -> bool:
        """Sends without waiting. False: dropped, because the way there is full or there is none."""
        if self._closed or len(payload) > self._sockets.network.max_message:
            self.counters["too_large"] += not self._closed
            return False
        way = self._ways.get(address) or self._open(address)
        if way is None:
            self.counters["unreachable"] += 1
            return False
        way.used = now = self._clock()
        self._ways.move_to_end(address)
        try:
            way.socket.send(payload, zmq.NOBLOCK)
        except zmq.ZMQError:
            self.counters["dropped"] += 1
            if now - way.taking > STUCK:
                self.forget(address)  # a socket that was refused once, or met no ZeroMQ there, does not try again by itself
            return False
        way.taking = now
        self.counters["sent"] += 1
        return True

    def receive(self) -> Received | None:
        """The next message that is here, from a key that is allowed at this moment, or None."""
        message = None if self._closed else self._router.receive(most_frames=1)
        return None if message is None else Received(message[1], message[2])

    def forget(self, address: str) -> None:
        """Closes the way to that address, with what waits in it."""
        way = self._ways.pop(address, None)
        if way is not None:
            way.socket.close(0)

    def close(self) -> None:
        """Sends what is under way for at most a moment, then closes everything."""
        self._closed = True
        for address in list(self._ways):
            self._part(address)
        self._router.close()

    # --- ways ---

    def _open(self, address: str) -> _Way | None:
        self._make_room()
        numeric = self._resolved(address)
        socket = self._sockets.dealer(numeric) if numeric is not None else None
        if socket is None:
            return None
        now = self._clock()
        way = self._ways[address] = _Way(socket, now, now)
        return way

    def _resolved(self, address: str) -> str | None:
        """The address in numbers. Without keys nothing is sent to other machines."""
        if not well_formed_address(address):
            return None
        host, _, port = address.rpartition(":")
        found = self._resolver.address(host.strip("[]"))
        if found is None or (self._sockets.keys is None and not is_loopback(found)):
            return None
        return f"{bracketed(found)}:{port}"

    def _make_room(self) -> None:
        """The least recently used ones stand first."""
        long_ago = self._clock() - IDLE
        while self._ways:
            address, way = next(iter(self._ways.items()))
            if len(self._ways) < self._most_ways and way.used > long_ago:
                return
            self._part(address)

    def _part(self, address: str) -> None:
        way = self._ways.pop(address)
        with contextlib.suppress(zmq.ZMQError):
            way.socket.close(int(PARTING * 1000))
