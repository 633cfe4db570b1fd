"""The ports of a machine's workers: one block, two for each, the next free block where somebody else has one of them."""

import errno
import socket

from vmesh.addresses import join
from vmesh.errors import SettingsError
from vmesh.launcher.claims import Claims

BLOCKS_TRIED = 64
HIGHEST = (1 << 16) - 1


def free_block(host: str, first: int, workers: int, *, movable: bool, claims: Claims | None = None) -> int:
    """The first port of a block that is free now: `first` itself, or, if others need not know it beforehand, one after it.

    0 stays 0: every worker takes what the system gives it. `claims` keeps other launchers away from it. Raises SettingsError.
    """
    if first == 0:
        return 0
    size = 2 * workers
    taken = None
    for block in range(first, first + size * (BLOCKS_TRIED if movable else 1), size):
        if block + size - 1 > HIGHEST:
            break
        ports = range(block, block + size)
        port = first_taken(host, ports)
        if port is None and claims is not None:
            port = claims.take(host, ports)
        if port is None:
            return block
        taken = taken or port
    if taken is None:
        raise SettingsError(f"{workers} workers need {size} ports from {first} on, and {HIGHEST} is the last; lower network.port")
    raise SettingsError(f"{join(host, taken)} is taken; choose other ports with --set network.port=PORT (0: any that are free)")


def first_taken(host: str, ports: range) -> int | None:
    """The first of the ports that cannot be listened at, if there is one. Raises SettingsError for a host that is not here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as ZeroMQ does: connections that just ended do not count
            try:
                probe.bind((host, port))
                probe.listen(1)
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    return port
                reason = (error.strerror or str(error)).lower()
                raise SettingsError(f"network.bind {host}: {reason}; name an address of this machine") from None
    return None
