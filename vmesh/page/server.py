"""What answers to which path. Every request bears the token; what changes something is a POST of JSON from the page itself."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from vgp.errors import InputError, VgpError
from vmesh.page.access import is_loopback_name, matches
from vmesh.page.clock import SPEEDS
from vmesh.page.deeds import act, settings
from vmesh.page.encoding import encoded, front_of, view_of, worker_of
from vmesh.page.files import assets
from vmesh.page.hub import Hub
from vmesh.watch.feed import REPLAYED
from vmesh.watch.view import View

MOST_REQUEST = 1 << 20  # bytes
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address is a secret
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FORBIDDEN = "the page needs the token in its address: open the address that vmesh up printed, or that launch.yml did\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)


class Server:
    """The application over one hub.

    Args:
        hub: what is watched.
        token: what every request must bear.
        metrics: gives a view as Prometheus's text, with its content type.
    """

    def __init__(self, hub: Hub, token: str, metrics: Callable[[View], tuple[bytes, str]] | None = None) -> None:
        self._hub, self._token, self._metrics = hub, token, metrics
        self._assets = assets()
        self.application = application = web.Application(client_max_size=MOST_REQUEST, middlewares=[self._guard])
        get, post = application.router.add_get, application.router.add_post
        get("/{token}", self._entrance)
        get("/{token}/", self._index)
        get("/{token}/assets/{path:.+}", self._asset)
        get("/{token}/live", self._live)
        get("/{token}/parameters", self._parameters)
        get("/{token}/worker/{name:.+}", self._worker)
        get("/{token}/front.json", self._front)
        get("/{token}/view.json", self._view)
        get("/{token}/metrics", self._exposition)
        get("/metrics", self._exposition)
        post("/{token}/do", self._do)
        post("/{token}/replay", self._replay)
        application.on_response_prepare.append(self._head)

    # --- who may ---

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_loopback_name(request.host) or not self._bears_token(request):
            return web.Response(status=403, text=FORBIDDEN)
        origin = request.headers.get("Origin")
        if request.method != "GET" and origin is not None and origin != f"http://{request.host}":
            return web.Response(status=403, text="another site may not ask this\n")
        return await answered(handler, request)

    def _bears_token(self, request: web.Request) -> bool:
        first = request.path.partition("/")[2].partition("/")[0]
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return matches(first, self._token) or (first == "metrics" and matches(bearer, self._token))

    @staticmethod
    async def _head(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(HEADERS)

    # --- files ---

    async def _entrance(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=308, headers={"Location": f"/{self._token}/"})

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return self._file("index.html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["path"])

    def _file(self, path: str) -> web.Response:
        asset = self._assets.get(path)
        if asset is None:
            return web.Response(status=404, text="there is no such file\n")
        return web.Response(body=asset.content, content_type=asset.kind, charset="utf-8")

    # --- what is ---

    async def _live(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        events = self._hub.events()
        try:
            async for content in events:
                await asyncio.wait_for(response.write(content), timeout=30.0)  # one who does not read is let go
        except (ConnectionError, TimeoutError):
            pass  # the browser went away
        except VgpError as error:
            await response.write(b"event: trouble\ndata: %s\n\n" % encoded({"error": str(error)}))
        finally:
            await events.aclose()
        return response

    async def _parameters(self, request: web.Request) -> web.StreamResponse:
        return answer(await self._hub.ask(settings, self._hub.feed))

    async def _worker(self, request: web.Request) -> web.StreamResponse:
        seen = (await self._hub.view()).workers.get(request.match_info["name"])
        return answer(worker_of(seen)) if seen is not None else failed(404, "there is no such worker")

    async def _front(self, request: web.Request) -> web.StreamResponse:
        return answer(front_of((await self._hub.view()).front))

    async def _view(self, request: web.Request) -> web.StreamResponse:
        return answer(view_of(await self._hub.view(), front=True))

    async def _exposition(self, request: web.Request) -> web.StreamResponse:
        if self._metrics is None:
            return failed(404, "a run that has ended has no metrics")
        body, kind = self._metrics(await self._hub.view())
        return web.Response(body=body, headers={"Content-Type": kind})

    # --- what is done ---

    async def _do(self, request: web.Request) -> web.StreamResponse:
        if self._hub.feed.kind == REPLAYED:
            return failed(409, "this run has ended; it can only be looked at")
        content = await posted(request)
        log.info("the page asks for: %s", str(content)[:300])
        return answer(await self._hub.ask(act, self._hub.feed, content))

    async def _replay(self, request: web.Request) -> web.StreamResponse:
        clock = self._hub.clock
        if clock is None:
            return failed(409, "this run goes on; only one that has ended can be replayed")
        content = await posted(request)
        at, speed, playing = (content.get(name) for name in ("at", "speed", "playing"))
        if not all(value is None or is_number(value) for value in (at, speed)) or not isinstance(playing, (bool, type(None))):
            raise InputError("at and speed are numbers, playing is true or false")
        if speed is not None and speed not in SPEEDS:
            raise InputError(f"speed is one of {', '.join(map(str, SPEEDS))}")
        clock.set(at, speed, playing)
        await self._hub.view(fresh=0.0)
        return answer(clock.state())


async def answered(handler: Handler, request: web.Request) -> web.StreamResponse:
    """The handler's answer, or what went wrong with it in one line."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status, text=f"{error.reason.lower()}\n")
    except VgpError as error:
        return failed(400 if isinstance(error, InputError) else 502, str(error))
    except ConnectionError:
        raise
    except Exception:
        log.exception("a request of the page failed")
        return failed(500, "the page's server had an error; its log says more")


async def posted(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises InputError."""
    if request.content_type != "application/json":
        raise InputError("send application/json")
    try:
        content = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise InputError("that is no JSON") from None
    if not isinstance(content, dict):
        raise InputError("a request is a JSON object")
    return content


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def answer(content: Any) -> web.Response:
    """A result."""
    return web.Response(body=encoded(content), content_type="application/json", charset="utf-8")


def failed(status: int, reason: str) -> web.Response:
    """Why there is none, in one line."""
    return web.Response(status=status, body=encoded({"error": reason}), content_type="application/json", charset="utf-8")
