"""Lines to the admin sockets of many workers, all through one ZeroMQ socket: hundreds of them are one thing to wait for.

A ROUTER names each connection by the address that it leads to (ZMQ_CONNECT_ROUTING_ID). A line that breaks is made again by ZeroMQ;
what was under way on it is lost, and whoever asked asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import zmq

from vmesh.admin.protocol import MOST_ANSWER
from vmesh.security.curve import prove_key
from vmesh.security.key_folder import AdminKeys

QUEUE = 4  # requests that wait for one worker: who does not take them does not answer either
RECONNECT = 200, 3000  # ms before another attempt, growing


class Lines:
    """For one thread.

    Args:
        keys: what proves who asks; None: no keys.
        endpoint: what ZeroMQ connects to instead of an address, where the way leads through a tunnel (vmesh.admin.tunnel).
    """

    def __init__(self, keys: AdminKeys | None = None, endpoint: Callable[[str], str] | None = None) -> None:
        self._endpoint = endpoint or (lambda address: f"tcp://{address}")
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = socket = self._context.socket(zmq.ROUTER)
        socket.linger, socket.maxmsgsize, socket.sndhwm = 0, 2 * MOST_ANSWER, QUEUE
        socket.reconnect_ivl, socket.reconnect_ivl_max = RECONNECT
        if keys is not None:
            prove_key(socket, keys.client, keys.server)
        self._open: dict[str, str] = {}  # endpoints by address

    def open(self, address: str) -> bool:
        """A line to this worker; False: that is no address."""
        if address in self._open:
            return True
        endpoint = self._endpoint(address)
        try:
            self._socket.ipv6 = "[" in endpoint
            self._socket.setsockopt(zmq.CONNECT_ROUTING_ID, address.encode())
            self._socket.connect(endpoint)
        except zmq.ZMQError:
            return False
        self._open[address] = endpoint
        return True

    def shut(self, address: str) -> None:
        """No line to this worker any more."""
        endpoint = self._open.pop(address, None)
        if endpoint is not None:
            self._socket.disconnect(endpoint)

    def ask(self, address: str, request: bytes) -> None:
        """Sends, or drops where the line is not there; the answer comes with `answers`, or never."""
        try:
            self._socket.send_multipart([address.encode(), b"", request], zmq.NOBLOCK)
        except zmq.ZMQError:
            return

    def answers(self, seconds: float) -> Iterator[tuple[str, bytes]]:
        """(address, answer) of all that are here; waits so long for the first."""
        if not self._socket.poll(max(0, int(1000 * seconds))):
            return
        while True:
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            if len(frames) == 3:
                yield frames[0].decode(errors="replace"), frames[2]

    def close(self) -> None:
        """Closes all lines."""
        self._socket.close(0)
        self._context.destroy(linger=0)
