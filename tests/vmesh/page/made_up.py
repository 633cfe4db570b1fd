"""A page over any feed, in this process."""

import asyncio
import contextlib
import threading

from aiohttp import web

from vmesh.page import serving
from vmesh.page.hub import Hub
from vmesh.page.server import Server

TOKEN = "a-token-of-twenty-two-characters"


@contextlib.contextmanager
def served(feed, clock=None, port=0):
    """The address of a page over a feed, served by a thread of this process."""
    ready, ended = threading.Event(), threading.Event()
    listener = serving.listening(port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/{TOKEN}/"

    async def serve():
        hub = Hub(feed, "made up", clock)
        runner = web.AppRunner(Server(hub, TOKEN).application, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        ready.set()
        while not ended.is_set():
            await asyncio.sleep(0.02)
        await hub.close()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    try:
        yield address
    finally:
        ended.set()
        thread.join()
        listener.close()
