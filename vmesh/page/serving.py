"""The main flow of a page: a port, a token, the server, until a signal; then every browser is hung up on and all is let go."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from vmesh.errors import MeshError, SettingsError
from vmesh.page.access import token_of
from vmesh.page.clock import ReplayClock
from vmesh.page.hub import Hub
from vmesh.page.server import Server
from vmesh.watch.feed import Feed
from vmesh.watch.view import View

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 7080, 20  # tried in turn where none is named
BACKLOG = 64
GRACE = 1.0  # s for requests under way
NICENESS = 10  # evolution goes before the page

Metrics = Callable[[View], tuple[bytes, str]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How a page is served. `port` 0: the first free one from 7080 on; `token` empty: that of the file; no file: a new one."""

    title: str
    port: int = 0
    token_file: str = ""
    token: str = ""
    ready_fd: int | None = None


def serve(
    feed: Feed, options: Options, said: Callable[[str], None], clock: ReplayClock | None = None, metrics: Metrics | None = None
) -> int:
    """Serves until SIGINT or SIGTERM; returns the exit status. `said` takes the page's address once it answers.

    Raises SettingsError (port, token), MeshError.
    """
    token = options.token or token_of(options.token_file)
    with contextlib.closing(listening(options.port)) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/{token}/"
        hub = Hub(feed, options.title, clock)
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
        return asyncio.run(_serve(hub, Server(hub, token, metrics), listener, lambda: _tell(address, options.ready_fd, said)))


async def _serve(hub: Hub, server: Server, listener: socket.socket, ready: Callable[[], None]) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    # no log of accesses: paths bear the token
    runner = web.AppRunner(server.application, access_log=None, handle_signals=False, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        ready()
        await ended.wait()
    finally:
        await hub.close()
        await runner.cleanup()
    return 0


def listening(port: int) -> socket.socket:
    """A socket on loopback. Raises SettingsError where the port is taken."""
    for candidate in [port] if port else [*range(FIRST_PORT, FIRST_PORT + PORTS), 0]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen(BACKLOG)
            return listener
        except PermissionError:
            listener.close()
            raise SettingsError(f"port {port} is for root only; choose one from 1024 on") from None
        except OSError:
            listener.close()
    if port:
        raise SettingsError(f"port {port} of {HOST} is taken by another process; choose another one, or 0 for a free one")
    raise MeshError(f"no port of {HOST} is free")


def _tell(address: str, fd: int | None, said: Callable[[str], None]) -> None:
    said(address)
    if fd is not None:
        with contextlib.suppress(OSError), open(fd, "w", encoding="utf-8") as file:
            file.write(json.dumps({"name": "page", "address": address, "admin": ""}) + "\n")
