"""What a service tells systemd: ready, status, still alive, stopping (sd_notify(3)). Without NOTIFY_SOCKET nothing is told."""

import contextlib
import os
import socket
from collections.abc import Mapping

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


class Notifier:
    """One service's line to its manager. Nothing here raises or waits: a manager that does not listen must not stop a service."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        path = environment.get("NOTIFY_SOCKET", "")
        self._address = b"\0" + path[1:].encode() if path.startswith("@") else path.encode()
        self._socket: socket.socket | None = None
        self.watchdog_interval = _watchdog_interval(environment)
        if path.startswith(("/", "@")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def ready(self) -> None:
        self._tell("READY=1")

    def status(self, text: str) -> None:
        self._tell("STATUS=" + " ".join(text.split()))

    def alive(self) -> None:
        """To be called at least every `watchdog_interval` seconds, where that is not infinite."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, line: str) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(OSError):  # the manager is gone or busy
            self._socket.sendto(line.encode(), self._address)


def _watchdog_interval(environment: Mapping[str, str]) -> float:
    """Half of what the manager allows, in seconds; infinite where it does not watch this process."""
    try:
        watched = int(environment.get("WATCHDOG_PID", os.getpid())) == os.getpid()
        microseconds = int(environment["WATCHDOG_USEC"])
    except (KeyError, ValueError):
        return float("inf")
    return microseconds / 2e6 if watched and microseconds > 0 else float("inf")
