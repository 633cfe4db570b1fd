"""Whether a worker and the seeds it is told of can reach each other at all: a mesh that never forms is noticed late."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from vmesh.addresses import advertised, is_loopback, split
from vmesh.errors import SettingsError
from vmesh.settings import Network


def refuse_dead_ends(network: Network, seeds: Sequence[str]) -> None:
    """Raises SettingsError for an address that others cannot use, and for seeds that could never be joined through."""
    own = advertised(network.bind, network.advertise, 1)
    elsewhere = next((seed for seed in seeds if is_elsewhere(split(seed)[0])), None)
    if elsewhere is None:
        return
    if not network.keys:
        raise SettingsError(
            f"--seeds {elsewhere} is on another machine, which needs keys: make them with vmesh keys new DIR, copy them to "
            "both and give --set network.keys=DIR"
        )
    if is_loopback(split(own)[0]):
        raise SettingsError(
            f"--seeds {elsewhere} is on another machine and could not answer {split(own)[0]}: give --set network.bind=ADDRESS, an "
            "address of this machine that others reach"
        )


def is_elsewhere(host: str) -> bool:
    """Whether that host is known not to be loopback; a name that cannot be looked up now may be anything later."""
    try:
        found = {str(address[4][0]) for address in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return not any(map(is_loopback, found))
