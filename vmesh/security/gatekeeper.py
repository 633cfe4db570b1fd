"""Answers the sockets of this process that ask whether a key may come in: ZeroMQ's authentication protocol (RFC 27, ZAP)."""

from collections.abc import Callable

import zmq
from zmq.utils import z85

ADDRESS = "inproc://zeromq.zap.01"
VERSION = b"1.0"
LATER = b"300"  # hung up on, and may knock again: after a 400 a socket never would, even if its key is allowed a moment later


class Gatekeeper:
    """One for each context, made before its first socket is bound.

    Args:
        context: of the sockets that ask.
        permits: (domain, public key in Z85) -> whether it may come in.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], permits: Callable[[str, str], bool]) -> None:
        self.refused = 0
        self._permits = permits
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(ADDRESS)

    def answer(self) -> None:
        """Answers all that ask at this moment."""
        while True:
            try:
                request = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._answer(request)

    def _answer(self, request: list[bytes]) -> None:
        if len(request) < 9:
            return  # of no protocol that is known here; who asked gives up by itself
        asker, empty, version, number, domain, _, _, mechanism, credentials, *_ = request
        key = z85.encode(credentials).decode() if mechanism == b"CURVE" and len(credentials) == 32 else ""
        if version == VERSION and key and self._permits(domain.decode("utf-8", "replace"), key):
            verdict = [b"200", b"OK", key.encode(), b""]
        else:
            self.refused += 1
            verdict = [LATER, b"not allowed", b"", b""]
        try:
            self.socket.send_multipart([asker, empty, VERSION, number, *verdict], zmq.NOBLOCK)
        except zmq.ZMQError:
            return  # it hung up meanwhile
