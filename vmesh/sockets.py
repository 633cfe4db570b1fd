"""All sockets of a process: one context, one place to wait, and the limits that every socket has.

    sockets = Sockets(settings.network, keys)
    transport, endpoint = ZmqTransport(sockets, ...), AdminEndpoint(sockets, ...)
    while running:
        sockets.wait(0.5)          # until a message is here, wake() is called, or time is up
        ... transport.receive(), endpoint.receive() until they give None

Used by one thread; only `wake` may be called by others. Handshakes are answered and connections counted inside `wait`.
"""

import contextlib
import errno
import itertools
import math
import os
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import zmq

from vmesh.addresses import advertised, bracketed, is_loopback
from vmesh.connections import Connections, hang_up
from vmesh.descriptors import raise_descriptors
from vmesh.errors import MeshError, SettingsError
from vmesh.router import Router
from vmesh.security import ADMIN, MESH
from vmesh.security.allow_list import AllowList
from vmesh.security.curve import ask_for_keys, prove_key
from vmesh.security.gatekeeper import Gatekeeper
from vmesh.security.key_folder import WorkerKeys
from vmesh.settings import MEBIBYTE, Network

HEARTBEAT = 10.0  # s without a word, after which the other side is asked for one; it has twice as long to answer
RECONNECT_FIRST, RECONNECT_LAST = 0.1, 2.0  # s, doubled from attempt to attempt
BACKLOG = 512
PARTING = 0.2  # s for answers that are under way when a socket is closed
ENVELOPE = 64  # bytes that encryption adds, at most
RECEIVED_BYTES = 64 * MEBIBYTE  # that one connection may have waiting here
DESCRIPTORS = 1024  # for everything but connections that come in
WATCHED = zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL

Socket = zmq.Socket[bytes]


class Sockets:
    """The context with what waits on it.

    Args:
        network: limits.
        keys: what this process proves; None: plain connections, on this machine only.
        clock: seconds that only grow.
        heartbeat: s.
    """

    def __init__(
        self,
        network: Network,
        keys: WorkerKeys | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        self.network, self.keys = network, keys
        self.counters: Counter[str] = Counter()  # failed_handshakes: wrong keys, or no ZeroMQ at all
        self.allow_list = AllowList(keys.folder, clock) if keys is not None else None
        self._clock, self._heartbeat = clock, heartbeat
        self._context: zmq.Context[Socket] = zmq.Context()
        self._poller = zmq.Poller()
        self._monitors: dict[Socket, _Monitor] = {}
        self._numbers = itertools.count()
        self._waking = threading.RLock()  # a signal handler may wake what is just being woken
        self._wake: int | None = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poller.register(self._wake, zmq.POLLIN)
        self._gatekeeper: Gatekeeper | None = None
        if self.allow_list is not None:
            self._gatekeeper = Gatekeeper(self._context, self.allow_list.permits)
            self._poller.register(self._gatekeeper.socket, zmq.POLLIN)

    # --- waiting ---

    def wait(self, timeout: float) -> None:
        """Until a message is here, wake() is called or a connection wants in, for at most so many seconds."""
        ready = dict(self._poller.poll(math.ceil(min(max(timeout, 0.0), 3600.0) * 1000)))
        if self._gatekeeper is not None and self._gatekeeper.socket in ready:
            self._gatekeeper.answer()
        for source in ready:
            if source in self._monitors:
                self._read_events(self._monitors[source])
        if self._wake is not None and self._wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake)

    def wake(self) -> None:
        """Ends the wait of the other thread, or its next one. Safe in any thread and in signal handlers, also after close."""
        with self._waking:
            if self._wake is not None:
                with contextlib.suppress(BlockingIOError):  # woken very often already
                    os.eventfd_write(self._wake, 1)

    # --- making sockets ---

    def router(self, host: str, port: int, domain: str) -> Router:
        """A bound socket; port 0 takes a free one. Without keys only loopback is bound.

        Raises SettingsError, or MeshError if the port is taken.
        """
        refuse_open_door(host, self.keys)
        socket = self._limited(self._context.socket(zmq.ROUTER), host)
        socket.maxmsgsize = self.network.max_message + ENVELOPE
        socket.rcvhwm = max(4, min(self.network.queue, RECEIVED_BYTES // self.network.max_message))
        socket.router_mandatory = True
        socket.backlog = BACKLOG
        if self.keys is not None:
            ask_for_keys(socket, self.keys.servers[domain], domain)
        connections = Connections(self._most_connections(domain), self.network.handshake_time)
        monitor = self._monitored(socket, connections)
        try:
            socket.bind(f"tcp://{bracketed(host)}:{port}")
        except zmq.ZMQError as error:
            self._close(socket, monitor)
            raise _cannot_bind(host, port, error) from error
        monitor.port = int(bytes(socket.getsockopt(zmq.LAST_ENDPOINT)).strip(b"\0").rpartition(b":")[2])
        self._poller.register(socket, zmq.POLLIN)
        return Router(
            socket,
            monitor.port,
            permits=partial(self.permits, domain),
            close=partial(self._close, socket, monitor),
            connections=connections,
        )

    def dealer(self, address: str) -> Socket | None:
        """A socket on its way to that address; None if no socket can be had."""
        try:
            socket = self._context.socket(zmq.DEALER)
        except zmq.ZMQError:
            return None
        self._limited(socket, address)
        socket.maxmsgsize = 1024  # nobody answers on it
        socket.rcvhwm = 1
        socket.reconnect_ivl, socket.reconnect_ivl_max = int(RECONNECT_FIRST * 1000), int(RECONNECT_LAST * 1000)
        socket.connect_timeout = int(max(self.network.handshake_time, 1.0) * 1000)
        if self.keys is not None:
            prove_key(socket, self.keys.client, self.keys.servers[MESH].public)
        try:
            socket.connect(f"tcp://{address}")
        except zmq.ZMQError:
            socket.close(0)
            return None
        return socket

    def permits(self, domain: str, identity: str) -> bool:
        """Whether what came from this key may be listened to, now."""
        return self.allow_list is None or self.allow_list.permits(domain, identity)

    def close(self) -> None:
        """Closes everything, also what others made of it; what sockets still send on their way out is waited for."""
        for monitor in list(self._monitors.values()):
            self._close(monitor.router, monitor)
        if self._gatekeeper is not None:
            self._poller.unregister(self._gatekeeper.socket)
            self._gatekeeper.socket.close(0)
            self._gatekeeper = None
        self._context.destroy(linger=0)
        with self._waking:
            if self._wake is not None:
                self._poller.unregister(self._wake)
                os.close(self._wake)
                self._wake = None

    # --- limits ---

    def _limited(self, socket: Socket, host: str) -> Socket:
        """What no socket may be without: the defaults are unlimited sizes, handshakes of half a minute and silence for ever."""
        socket.linger = 0
        socket.ipv6 = host.count(":") > 1
        socket.sndhwm = self.network.queue
        socket.handshake_ivl = int(self.network.handshake_time * 1000)
        socket.heartbeat_ivl = int(self._heartbeat * 1000)
        socket.heartbeat_timeout = int(self._heartbeat * 2000)
        return socket

    def _most_connections(self, domain: str) -> int:
        """Administrators have a limit of their own, so that the mesh cannot shut them out."""
        most = self.network.max_connections if domain != ADMIN else max(8, self.network.max_connections // 8)
        return max(8, min(most, int(raise_descriptors(2 * self.network.max_connections + DESCRIPTORS) * 0.4)))

    # --- connections ---

    def _monitored(self, socket: Socket, connections: Connections) -> "_Monitor":
        events = self._context.socket(zmq.PAIR)
        events.linger = 0
        events.rcvhwm = 0  # a bound would make the thread that serves the sockets wait for this one
        address = f"inproc://events-{next(self._numbers)}"  # never the same again: the one before may not be free yet
        socket.monitor(address, WATCHED)
        events.connect(address)
        self._poller.register(events, zmq.POLLIN)
        monitor = self._monitors[events] = _Monitor(events, socket, connections)
        return monitor

    def _read_events(self, monitor: "_Monitor") -> None:
        while True:
            try:
                event, value = struct.unpack("=HI", monitor.events.recv_multipart(zmq.NOBLOCK)[0])
            except zmq.Again:
                return
            if event == zmq.EVENT_ACCEPTED:
                goes = monitor.connections.opened(value, self._clock())
                if goes is not None:
                    hang_up(goes, monitor.port)
            elif event == zmq.EVENT_DISCONNECTED:
                monitor.connections.closed(value)
            else:
                self.counters["failed_handshakes"] += 1

    def _close(self, socket: Socket, monitor: "_Monitor") -> None:
        if socket.closed:
            return
        with contextlib.suppress(KeyError):
            self._poller.unregister(socket)
        socket.monitor(None, 0)
        self._poller.unregister(monitor.events)
        del self._monitors[monitor.events]
        monitor.events.close(0)
        socket.close(int(PARTING * 1000))


@dataclass(slots=True)
class _Monitor:
    """Who comes and goes at one bound socket."""

    events: Socket
    router: Socket
    connections: Connections
    port: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What an administrator asked. `route` leads back to who did; `identity` is the key that was proved, empty without keys."""

    route: tuple[bytes, ...]
    payload: bytes
    identity: str


class AdminEndpoint:
    """Where administrators ask. Any REQ socket can, and DEALER sockets that put an empty frame first or nothing at all.

    The same arguments and errors as `ZmqTransport`.
    """

    def __init__(self, sockets: Sockets, host: str, port: int, *, advertise: str = "") -> None:
        self._sockets = sockets
        self._router = sockets.router(host, port, ADMIN)
        self.counters = self._router.counters
        self.address = advertised(host, advertise, self._router.port)

    def receive(self) -> Request | None:
        """The next request that is here, or None."""
        message = self._router.receive(most_frames=3)  # REQ's number, if it asks for that, an empty frame, the payload
        return None if message is None else Request(*message)

    def reply(self, request: Request, payload: bytes) -> bool:
        """Answers without waiting. False: whoever asked is gone, does not read, or may not know any more."""
        if not self._sockets.permits(ADMIN, request.identity):
            return False
        return self._router.reply(request.route, payload)

    def close(self) -> None:
        """Hangs up."""
        self._router.close()


def refuse_open_door(host: str, keys: WorkerKeys | None) -> None:
    """Without keys only loopback is bound. Raises SettingsError."""
    if keys is None and not is_loopback(host):
        raise SettingsError(
            f"bind {host} can be reached from other machines and needs keys; make them with vmesh keys new DIR and set "
            "network.keys to DIR, or bind 127.0.0.1"
        )


def _cannot_bind(host: str, port: int, error: zmq.ZMQError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return MeshError(f"port {port} of {host} is taken by another process; choose another network.port")
    return SettingsError(f"cannot listen at {host} port {port}: {error.strerror}; bind an address of this machine")
