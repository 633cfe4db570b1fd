"""A bound socket's end for this process: whole messages of those that may speak, and answers to them."""

from collections import Counter
from collections.abc import Callable

import zmq

from vmesh.connections import Connections

PASSED_OVER = 100  # messages that are not listened to, in a row, before others get their turn


class Router:
    """Made by `vmesh.sockets.Sockets`.

    Args:
        socket: bound.
        port: where.
        permits: whether a key may speak here, now.
        close: lets go of the socket.
        connections: those to the socket.
    """

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        port: int,
        *,
        permits: Callable[[str], bool],
        close: Callable[[], None],
        connections: Connections,
    ) -> None:
        self.port, self.connections, self.close = port, connections, close
        self.counters: Counter[str] = Counter()  # received, refused (the key is not allowed any more), malformed, dropped
        self._socket, self._permits = socket, permits

    def receive(self, most_frames: int) -> tuple[tuple[bytes, ...], bytes, str] | None:
        """The next message: its way back, its last frame, the key that its connection proved. None: nothing is here."""
        for _ in range(PASSED_OVER):
            try:
                route = self._socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return None
            frames = self._frames(most_frames)
            if not 0 < len(frames) <= most_frames:
                self.counters["malformed"] += 1
                continue
            identity = _identity(frames[-1])
            if self._permits(identity):
                self.counters["received"] += 1
                return (route, *(frame.bytes for frame in frames[:-1])), frames[-1].bytes, identity
            self.counters["refused"] += 1
        return None

    def _frames(self, most: int) -> list[zmq.Frame]:
        """All frames of a message have to be taken out; of too many only the first are kept."""
        frames: list[zmq.Frame] = []
        while self._socket.rcvmore:
            frame = self._socket.recv(copy=False)
            if len(frames) <= most:
                frames.append(frame)
        return frames

    def reply(self, route: tuple[bytes, ...], payload: bytes) -> bool:
        """Sends without waiting. False: whoever asked is gone, or does not read."""
        try:
            self._socket.send_multipart([*route, payload], zmq.NOBLOCK)
        except zmq.ZMQError:
            self.counters["dropped"] += 1
            return False
        return True


def _identity(frame: zmq.Frame) -> str:
    """The key that the gatekeeper noted for the connection; it comes from no byte of the message."""
    try:
        return str(frame.get("User-Id"))
    except zmq.ZMQError:  # there are no keys
        return ""
