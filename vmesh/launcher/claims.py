"""Ports that a launcher has chosen and its workers do not listen at yet: another launcher that looks must not choose them as well.

A claim is a socket with an abstract name. It is known wherever the ports are, in the same network namespace, and nowhere else; it
needs no file, and ends with the process that holds it.
"""

import contextlib
import errno
import socket
from collections.abc import Iterable


class Claims:
    """Held until the `with` block ends."""

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def __enter__(self) -> "Claims":
        return self

    def __exit__(self, *_: object) -> None:
        for claim in self._held:
            claim.close()

    def take(self, host: str, ports: Iterable[int]) -> int | None:
        """Claims all of them, or none and returns one that somebody else holds."""
        with contextlib.ExitStack() as undo:
            taken = []
            for port in ports:
                claim = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
                try:
                    claim.bind(f"\0vmesh {host} {port}")
                except OSError as error:
                    if error.errno == errno.EADDRINUSE:
                        return port
                    return None  # no such names here: then there is no claim, as between different machines
                taken.append(claim)
            undo.pop_all()
            self._held += taken
        return None
