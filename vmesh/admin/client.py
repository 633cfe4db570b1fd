"""Asks workers: a request has a deadline, is sent again with growing patience, and is obeyed once however often it arrives.

    with Client("127.0.0.1:7101") as client:
        print(client.ask("status")["tick"])

`Inquiries` asks many workers at a time from one thread; `Client` asks one. Sockets are those of the Lazy Pirate pattern: a request
that is not answered in time goes out again through a new socket, because the old connection may be dead without knowing it.
"""

from __future__ import annotations

import random
import struct
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import zmq

from vmesh.admin.protocol import DEFAULT_TIMEOUT, MOST_ANSWER, MOST_TIMEOUT, Answer, Request, decode_answer, encode_request
from vmesh.errors import AdminError, MessageError
from vmesh.security.curve import prove_key
from vmesh.security.key_folder import AdminKeys

PARALLEL = 64  # workers asked at a time
PATIENCE_FIRST, PATIENCE_LAST = 1.0, 8.0  # s until a request is sent again, doubled every time
PAUSE_FIRST, PAUSE_LAST = 0.1, 2.0  # s before another attempt where the last one failed, doubled every time
SHUT_TIME = 1.0  # s after which a door that is closed, or to which the key does not fit, is believed to stay so
EVENTS = (
    zmq.EVENT_CONNECTED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
)  # fmt: skip

Socket = zmq.Socket[bytes]


@dataclass(frozen=True)
class Outcome:
    """What came of asking one worker: its answer, or why there is none."""

    address: str
    command: str
    answer: Answer | None
    error: str = ""

    @property
    def worker(self) -> str:
        """The worker's name, or its address where it did not say."""
        return self.answer.worker if self.answer is not None and self.answer.worker else self.address

    @property
    def result(self) -> Any:
        """What was asked for. Raises AdminError where there is none."""
        if self.answer is None:
            raise AdminError(self.error)
        if not self.answer.ok:
            raise AdminError(f"{self.worker}: {self.answer.error}")
        return self.answer.result


class Connection:
    """A REQ socket on its way to a worker ("tcp://host:port"), with what is heard of its connection."""

    def __init__(self, context: zmq.Context[Socket], endpoint: str, keys: AdminKeys | None) -> None:
        self.socket = socket = context.socket(zmq.REQ)
        socket.linger, socket.maxmsgsize, socket.ipv6 = 0, 2 * MOST_ANSWER, "[" in endpoint
        socket.reconnect_ivl = int(1000 * PAUSE_FIRST)
        if keys is not None:
            prove_key(socket, keys.client, keys.server)
        self.events = socket.get_monitor_socket(EVENTS)
        try:
            socket.connect(endpoint)
        except zmq.ZMQError:
            self.close()
            raise

    def news(self) -> list[int]:
        """What happened to the connection since the last call."""
        events = []
        while True:
            try:
                events.append(struct.unpack_from("=H", self.events.recv_multipart(zmq.NOBLOCK)[0])[0])
            except zmq.Again:
                return events

    def close(self) -> None:
        """Drops what is under way."""
        self.socket.disable_monitor()
        self.socket.close(0)


@dataclass
class Inquiry:
    """One request on its way to one worker."""

    address: str
    command: str
    arguments: Mapping[str, Any]
    timeout: float
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    deadline: float = 0.0
    again: float = 0.0  # when to send next
    patience: float = PATIENCE_FIRST
    pause: float = PAUSE_FIRST
    connection: Connection | None = None
    reached: bool = False  # a connection was made
    proved: bool = False  # and keys were accepted
    shut_since: float | None = None  # connections have failed since then
    busy: str = ""  # what the worker said when it had no time

    def request(self, now: float) -> bytes:
        left = min(max(self.deadline - now, 0.01), MOST_TIMEOUT)
        return encode_request(Request(self.command, self.arguments, self.id, left))

    def explanation(self, keys: bool, tunnel: bool) -> str:
        """Why there is no answer."""
        if self.busy:
            return f"{self.address}: {self.busy}"
        if tunnel and not self.proved:  # ssh takes a connection before it knows whether anybody listens at the other end
            hint = "it does not accept our key" if keys else "it asks for a key (--keys DIR)"
            return f"{self.address} does not answer through the tunnel: no worker is running there, or {hint}"
        if not self.reached:
            return f"nothing answers at {self.address}; is a worker running there?"
        if not self.proved:
            hint = "does not accept our key, or is no worker" if keys else "is no worker, or asks for a key"
            return f"{self.address} {hint}; name the folder of keys (--keys DIR)"
        return f"{self.address} did not answer within {self.timeout:g} s; it is overloaded or gone"


class Inquiries:
    """Many requests under way at once. Add some, then iterate: outcomes come as they are known, and more may be added meanwhile.

    Args:
        keys: what proves who asks; None: no keys.
        parallel: workers asked at a time; the others wait, and their time counts from when they are asked.
        endpoint: what ZeroMQ connects to instead of an address, where the way leads through a tunnel (vmesh.admin.tunnel).
    """

    def __init__(
        self, keys: AdminKeys | None = None, parallel: int = PARALLEL, *, endpoint: Callable[[str], str] | None = None
    ) -> None:
        self._keys = keys
        self._endpoint = endpoint
        self._parallel = parallel
        self._context: zmq.Context[Socket] = zmq.Context()
        self._poller = zmq.Poller()
        self._waiting: deque[Inquiry] = deque()
        self._running: list[Inquiry] = []
        self._idle: OrderedDict[str, Connection] = OrderedDict()  # connections of answered requests, for the next one

    def add(
        self, address: str, command: str, arguments: Mapping[str, Any] | None = None, timeout: float = DEFAULT_TIMEOUT
    ) -> None:
        """Asks this worker too."""
        self._waiting.append(Inquiry(address, command, arguments or {}, timeout))

    def __iter__(self) -> Iterator[Outcome]:
        while self._waiting or self._running:
            while self._waiting and len(self._running) < self._parallel:
                self._begin(self._waiting.popleft())
            yield from self._turn()

    def drop(self) -> None:
        """Forgets what is under way."""
        for inquiry in self._running:
            self._hang_up(inquiry)
        self._running.clear()
        self._waiting.clear()

    def close(self) -> None:
        """Drops what is under way and closes all connections."""
        self.drop()
        while self._idle:
            self._idle.popitem()[1].close()
        self._context.destroy(linger=0)

    def __enter__(self) -> Inquiries:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # --- one turn ---

    def _begin(self, inquiry: Inquiry) -> None:
        now = time.monotonic()
        inquiry.deadline, inquiry.again = now + inquiry.timeout, now
        self._running.append(inquiry)

    def _turn(self) -> list[Outcome]:
        """Sends what is due, waits for news, and gives what is decided."""
        decided = [self._advance(inquiry, time.monotonic()) for inquiry in self._running]
        if not any(decided):
            due = min(min(inquiry.again, inquiry.deadline) for inquiry in self._running)
            ready = dict(self._poller.poll(max(0, int(1000 * (due - time.monotonic())) + 1)))
            decided = [self._hear(inquiry, ready) for inquiry in self._running]
        outcomes = [outcome for outcome in decided if outcome is not None]
        for inquiry, outcome in zip(self._running, decided, strict=True):
            if outcome is not None:
                self._hang_up(inquiry, keep=outcome.answer is not None)
        self._running = [inquiry for inquiry, outcome in zip(self._running, decided, strict=True) if outcome is None]
        return outcomes

    def _advance(self, inquiry: Inquiry, now: float) -> Outcome | None:
        shut = inquiry.shut_since is not None and now - inquiry.shut_since >= SHUT_TIME
        if now >= inquiry.deadline or shut:
            return self._failed(inquiry, inquiry.explanation(self._keys is not None, self._endpoint is not None))
        if now >= inquiry.again:
            self._hang_up(inquiry)
            inquiry.again, inquiry.patience = now + inquiry.patience, min(2 * inquiry.patience, PATIENCE_LAST)
            try:
                self._send(inquiry, now)
            except zmq.ZMQError:
                return self._failed(inquiry, f"'{inquiry.address}' is no address; write HOST:PORT, for example 10.0.0.7:7101")
            except (TypeError, ValueError) as error:
                return self._failed(inquiry, f"{inquiry.command}: these arguments cannot be sent: {error}")
        return None

    def _send(self, inquiry: Inquiry, now: float) -> None:
        payload = inquiry.request(now)
        connection = inquiry.connection = self._connected(inquiry)
        self._poller.register(connection.events, zmq.POLLIN)
        self._poller.register(connection.socket, zmq.POLLIN)
        connection.socket.send(payload)

    def _connected(self, inquiry: Inquiry) -> Connection:
        """The connection of the last request, if it stood since, or a new one."""
        idle = self._idle.pop(inquiry.address, None)
        if idle is not None and not idle.news():
            inquiry.reached = inquiry.proved = True
            return idle
        if idle is not None:
            idle.close()
        endpoint = self._endpoint(inquiry.address) if self._endpoint else f"tcp://{inquiry.address}"
        return Connection(self._context, endpoint, self._keys)

    def _hear(self, inquiry: Inquiry, ready: Mapping[Any, int]) -> Outcome | None:
        connection = inquiry.connection
        if connection is not None and connection.events in ready:
            self._watch(inquiry, connection)
        if connection is None or connection.socket not in ready:
            return None
        try:
            answer = decode_answer(connection.socket.recv(zmq.NOBLOCK))
        except zmq.Again:
            return None
        except MessageError as error:
            return self._failed(inquiry, f"what answers at {inquiry.address} is no worker of this version: {error}")
        if answer.reason == "busy":
            inquiry.busy = answer.error
            self._pause(inquiry)
            return None
        return Outcome(inquiry.address, inquiry.command, answer)

    def _watch(self, inquiry: Inquiry, connection: Connection) -> None:
        """A door that stays shut is told from a worker that is slow, and one that hung up is asked again soon."""
        for event in connection.news():
            if event == zmq.EVENT_CONNECTED:
                inquiry.reached = True
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                inquiry.proved, inquiry.shut_since = True, None
            else:
                if not inquiry.proved and inquiry.shut_since is None:
                    inquiry.shut_since = time.monotonic()
                if event != zmq.EVENT_CONNECT_RETRIED:
                    self._pause(inquiry)  # what was sent is lost

    def _pause(self, inquiry: Inquiry) -> None:
        """Another attempt after a short while, not all workers' at the same moment."""
        inquiry.again = min(inquiry.again, time.monotonic() + inquiry.pause * random.uniform(0.5, 1.0))
        inquiry.pause = min(2 * inquiry.pause, PAUSE_LAST)

    def _failed(self, inquiry: Inquiry, error: str) -> Outcome:
        return Outcome(inquiry.address, inquiry.command, None, error)

    def _hang_up(self, inquiry: Inquiry, keep: bool = False) -> None:
        connection, inquiry.connection = inquiry.connection, None
        if connection is None:
            return
        self._poller.unregister(connection.events)
        self._poller.unregister(connection.socket)
        if not keep or inquiry.address in self._idle:
            connection.close()
            return
        self._idle[inquiry.address] = connection
        if len(self._idle) > self._parallel:
            self._idle.popitem(last=False)[1].close()


class Client:
    """Asks one worker.

    Args:
        address: "host:port" of its admin socket.
        keys: what proves who asks (vmesh.security.key_folder.admin_keys); None: no keys.
        timeout: seconds that an answer may take, where a request does not say otherwise.
    """

    def __init__(self, address: str, keys: AdminKeys | None = None, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.address = address
        self.timeout = timeout
        self._inquiries = Inquiries(keys)

    def outcome(self, command: str, arguments: Mapping[str, Any] | None = None, timeout: float | None = None) -> Outcome:
        """The outcome of one request. Never raises for what a worker or the network does."""
        self._inquiries.add(self.address, command, arguments, self.timeout if timeout is None else timeout)
        try:
            (outcome,) = self._inquiries
        except BaseException:  # Ctrl-C: the next request does not wait for this one
            self._inquiries.drop()
            raise
        return outcome

    def ask(self, command: str, arguments: Mapping[str, Any] | None = None, timeout: float | None = None) -> Any:
        """The result of one request. Raises AdminError where it was refused or not answered in time."""
        return self.outcome(command, arguments, timeout).result

    def close(self) -> None:
        """Closes the connection."""
        self._inquiries.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
