"""Sockets of this machine that lead through a SOCKS 5 proxy (RFC 1928), one for each address behind it.

ZeroMQ has a SOCKS client of its own, but in libzmq 4.3.5 a proxy that refuses a connection or goes away ends the whole process: the
connecter removes the same descriptor twice when it is closed, and aborts (src/epoll.cpp). So ZeroMQ connects to Unix sockets, in a
folder that only this user can enter, and whatever happens behind them is a connection that was closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import struct
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from vmesh.addresses import split

GREETING, WELCOME = b"\x05\x01\x00", b"\x05\x00"  # no authentication
CONNECT, DONE = b"\x05\x01\x00\x03", b"\x05\x00"  # the host as a name: whoever is inside looks it up
REPLY_LENGTHS = {1: 4, 4: 16}  # bytes of an address of version 4 and 6
PATIENCE = 20.0  # s until the proxy has answered
PIECE = 1 << 16


class Relay:
    """Passes on what comes in, through the proxy at this port of loopback. Runs in a thread of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._folder = Path(tempfile.mkdtemp(prefix="vmesh-"))
        self._ways: dict[str, str] = {}
        self._visits: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()

    def endpoint(self, address: str) -> str:
        """Where ZeroMQ connects to so as to reach `address`. Raises SettingsError if it is no address."""
        if address not in self._ways:
            host, port = split(address)
            path = self._folder / str(len(self._ways))
            self._do(self._open(path, host, port))
            self._ways[address] = f"ipc://{path}"
        return self._ways[address]

    def close(self) -> None:
        """Ends all connections."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self, path: Path, host: str, port: int) -> None:
        def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(self._pass_on(reader, writer, host, port))
            self._visits.add(task)
            task.add_done_callback(self._visits.discard)

        await asyncio.start_unix_server(visit, path)

    async def _end(self) -> None:
        for task in self._visits:
            task.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
        """One connection, from its begin to its end."""
        with contextlib.suppress(OSError, EOFError, asyncio.TimeoutError), contextlib.closing(writer):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port)
            with contextlib.closing(inner_writer):
                await asyncio.wait_for(ask(inner_reader, inner_writer, host, port), PATIENCE)
                ways = [asyncio.ensure_future(pour(reader, inner_writer)), asyncio.ensure_future(pour(inner_reader, writer))]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)  # ZeroMQ never closes one direction alone
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    """Has the proxy connect to a host. Raises ConnectionError, EOFError."""
    writer.write(GREETING)
    if await reader.readexactly(2) != WELCOME:
        raise ConnectionError("this is no SOCKS proxy")
    name = host.encode()
    writer.write(CONNECT + bytes([len(name)]) + name + struct.pack("!H", port))
    reply = await reader.readexactly(4)
    length = REPLY_LENGTHS.get(reply[3]) or (await reader.readexactly(1))[0]
    await reader.readexactly(length + 2)
    if reply[:2] != DONE:
        raise ConnectionError(f"the proxy refuses: {reply[1]}")


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All that comes from one end to the other, no faster than that takes it. Raises ConnectionError."""
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
