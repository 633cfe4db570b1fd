"""One look at the mesh for all who watch: encoded once, put into every browser's queue. While nobody watches nobody is asked.

Looks are taken in a thread of their own, because a feed waits. A browser that does not take what it is sent is hung up on: it comes
again by itself and begins anew, so nothing piles up here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from vgp.errors import VgpError
from vgp.provenance import version
from vmesh.log import PRIORITIES
from vmesh.page.clock import ReplayClock
from vmesh.page.encoding import begin_of, encoded, lines_of, past_of, view_of
from vmesh.watch.feed import Feed, Past
from vmesh.watch.view import Said, View

INTERVAL = 1.0  # s between two looks
MOST_WAITING = 8  # events that one browser may leave untaken
MOST_BROWSERS = 32
KEPT_LINES = 500
PAST_POINTS = 240  # of a curve, at most
FEWEST_PAST_POINTS = 30
MOST_PAST_POINTS = 24_000  # of all curves together: a page is to be there within a second
PAST_PATIENCE = 0.3  # s that a page waits for the past before it begins without; it then comes later
PAST_FRESH = 5.0  # s for which the past of one browser does for another

log = logging.getLogger(__name__)


class Hub:
    """For one event loop.

    Args:
        feed: what is watched.
        title: of the page.
        clock: of a run that is replayed; None: now.
    """

    def __init__(self, feed: Feed, title: str, clock: ReplayClock | None = None) -> None:
        self.feed, self.title, self.clock = feed, title, clock
        self._looking = ThreadPoolExecutor(1, "look")
        self._asking = ThreadPoolExecutor(2, "ask")
        self._queues: set[asyncio.Queue[bytes | None]] = set()
        self._lines: deque[Said] = deque(maxlen=KEPT_LINES)
        self._view: View | None = None
        self._taken = 0.0  # when, monotonic
        self._look_lock = asyncio.Lock()
        self._past: tuple[float, asyncio.Task[Past]] | None = None
        self._pulse: asyncio.Task[None] | None = None

    async def view(self, fresh: float = INTERVAL) -> View:
        """A view that is not older than `fresh` seconds. Raises VgpError where nobody answers."""
        async with self._look_lock:
            if self._view is None or time.monotonic() - self._taken > fresh:
                look = self.clock.look if self.clock is not None else self.feed.look
                self._view = await asyncio.get_running_loop().run_in_executor(self._looking, look)
                self._taken = time.monotonic()
                self._lines.extend(self._view.lines)
            return self._view

    async def ask(self, function: Any, *arguments: Any) -> Any:
        """Runs what waits for workers beside the looks."""
        return await asyncio.get_running_loop().run_in_executor(self._asking, function, *arguments)

    async def events(self) -> AsyncGenerator[bytes, None]:
        """What one browser is sent: `begin`, then `view` after `view`. Ends where the browser is too slow, or all ends."""
        if len(self._queues) >= MOST_BROWSERS:
            yield event("refused", {"error": f"{MOST_BROWSERS} pages are open already; close one"})
            return
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_WAITING)
        try:
            view = await self._first_view()
            past = self._ask_past()
            done, _ = await asyncio.wait([past], timeout=PAST_PATIENCE)
            yield event("begin", self._begin(view, past.result() if done else Past()))
            yield event("view", view_of(view, front=True) | self._clock_state() | {"lines": []})  # begin has told them
            self._queues.add(queue)
            if not done:
                past.add_done_callback(lambda task: self._put(queue, event("past", past_of(task.result()))))
            if self._pulse is None or self._pulse.done():
                self._pulse = asyncio.create_task(self._beat(view))
            while (content := await queue.get()) is not None:
                yield content
        finally:
            self._queues.discard(queue)

    async def close(self) -> None:
        """Hangs up on all."""
        for queue in list(self._queues):
            self._hang_up(queue)
        for task in (self._pulse, self._past[1] if self._past else None):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        self._looking.shutdown(wait=True, cancel_futures=True)
        self._asking.shutdown(wait=False, cancel_futures=True)
        self.feed.close()

    # --- the pulse ---

    async def _beat(self, shown: View) -> None:
        """A look each second, as long as somebody watches; what has been shown is not sent again."""
        due = time.monotonic() + INTERVAL
        while self._queues:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due + INTERVAL, time.monotonic())
            try:
                view = await self.view(fresh=INTERVAL / 2)
                if view is shown:  # this look is late, and the one before it has just been taken
                    continue
                content = event("view", view_of(view, front=view.front is not shown.front) | self._clock_state())
                shown = view
            except VgpError as error:
                content = event("trouble", {"error": str(error)})
            except Exception:
                log.exception("a look at the mesh failed")
                content = event("trouble", {"error": "the page's server had an error; its log says more"})
            for queue in list(self._queues):
                self._put(queue, content)

    def _put(self, queue: asyncio.Queue[bytes | None], content: bytes) -> None:
        try:
            queue.put_nowait(content)
        except asyncio.QueueFull:
            self._hang_up(queue)

    def _hang_up(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    # --- the beginning ---

    async def _first_view(self) -> View:
        """Somebody watches already: the last view will do, with the front as it is."""
        return await self.view(fresh=2 * INTERVAL if self._queues else INTERVAL / 2)

    def _ask_past(self) -> asyncio.Task[Past]:
        now = time.monotonic()
        if self._past is None or (self._past[1].done() and now - self._past[0] > PAST_FRESH):
            self._past = now, asyncio.create_task(self._fetch_past())
        return self._past[1]

    async def _fetch_past(self) -> Past:
        try:
            workers = len(self._view.workers) if self._view is not None else 1
            points = max(FEWEST_PAST_POINTS, min(PAST_POINTS, MOST_PAST_POINTS // max(1, workers)))
            found: Past = await self.ask(self.feed.past, points)
            return found
        except VgpError as error:
            log.debug("the past is not known: %s", error)
        except Exception:
            log.exception("the past is not known")
        return Past()

    def _begin(self, view: View, past: Past) -> dict[str, Any]:
        began, ended = (self.clock.began, self.clock.ended) if self.clock is not None else (None, None)
        extra = {
            "version": version(),
            "interval": INTERVAL,
            "log_levels": list(PRIORITIES),
            "past": past_of(past),
            "began": began,
            "ended": ended,
            "lines": lines_of(self._lines),
        }
        return begin_of(view, self.feed.kind, self.title, extra)

    def _clock_state(self) -> dict[str, Any]:
        return {"replay": self.clock.state()} if self.clock is not None else {}


def event(name: str, content: Any) -> bytes:
    """A server-sent event (WHATWG HTML, section 9.2)."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), encoded(content))
