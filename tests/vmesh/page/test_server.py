"""The page's server as a browser, a script and a stranger meet it."""

import asyncio
import json
import time

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.vmesh.watch.feeds import FakeFeed
from vmesh.page import hub as hubs
from vmesh.page.clock import ReplayClock
from vmesh.page.hub import Hub
from vmesh.page.server import Server

TOKEN = "a-token-of-twenty-two-characters"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(hubs, "INTERVAL", 0.02)


def asked(scenario, feed=None, clock=None, metrics=None):
    """Runs `scenario(client, hub)` against a server on loopback."""

    async def run():
        hub = Hub(feed or FakeFeed(), "host", clock)
        server = TestServer(Server(hub, TOKEN, metrics).application, host="127.0.0.1")
        async with TestClient(server) as client:
            try:
                return await asyncio.wait_for(scenario(client, hub), 30)
            finally:
                await hub.close()

    return asyncio.run(run())


async def events(response, number):
    """So many (name, content) of a stream."""
    found, name = [], ""
    async for line in response.content:
        kind, _, rest = line.decode().rstrip("\n").partition(": ")
        if kind == "event":
            name = rest
        elif kind == "data":
            found.append((name, json.loads(rest)))
            if len(found) == number:
                break
    return found


PATHS = ("/", "/live", "/view.json", "/front.json", "/parameters", "/worker/host/0", "/metrics", "/assets/index.html")


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "%2e%2e", "\u00e9"])
def test_nothing_is_told_without_the_token(token):
    async def scenario(client, hub):
        for path in PATHS:
            response = await client.get(f"/{token}{path}" if token else path)
            assert response.status == 403, path
            assert "token" in await response.text()
        for path in ("/do", "/replay"):
            response = await client.post(f"/{token}{path}" if token else path, json={"command": "pause"})
            assert response.status == 403
        return hub.feed

    feed = asked(scenario)
    assert feed.looks == 0 and feed.told == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_name_that_leads_to_loopback_by_a_trick_is_refused(host):
    async def scenario(client, hub):
        return (await client.get(f"/{TOKEN}/view.json", headers={"Host": host})).status

    assert asked(scenario) == 403


def test_another_site_can_change_nothing():
    async def scenario(client, hub):
        headers = {"Origin": "http://evil.example"}
        refused = await client.post(f"/{TOKEN}/do", json={"command": "pause"}, headers=headers)
        form = await client.post(f"/{TOKEN}/do", data=b'{"command":"pause"}', headers={"Content-Type": "text/plain"})
        return refused.status, form.status, hub.feed.told

    assert asked(scenario) == (403, 400, [])


def test_the_stream_begins_with_all_and_goes_on_by_itself():
    async def scenario(client, hub):
        async with client.get(f"/{TOKEN}/live") as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            return await events(response, 4)

    (first, begin), (second, view), *more = asked(scenario)
    assert (first, second) == ("begin", "view")
    assert begin["kind"] == "live" and begin["title"] == "host"
    assert begin["past"]["workers"]["host/1"] == {"time": [1, 2], "best_loss": [3, None], "evaluations_per_second": [4, 5]}
    rows = [dict(zip(begin["columns"], row, strict=True)) for row in view["workers"]]
    assert [row["name"] for row in rows] == ["host/0", "host/1"]
    assert rows[0]["memory_bytes"] == 120 and rows[0]["checkpoint_age"] is None and rows[0]["deaths"] == 3
    assert view["mesh"]["evaluations"] == 2000 and view["mesh"]["deaths"] == {"starved": 6}
    assert view["mesh"]["age"] == {"edges": [0, 1], "counts": [120, 60]}
    assert view["front"][0]["formula"] == "2 * x" and view["front"][0]["worker"] == "host/0"
    assert [name for name, _ in more] == ["view", "view"]
    assert more[0][1]["front"] is None and more[1][1]["time"] > more[0][1]["time"] > view["time"]
    assert begin["lines"][0][3] == "look 1" and view["lines"] == [] and more[0][1]["lines"][0][3] == "look 2"


def test_a_late_look_is_shown_once(monkeypatch):
    monkeypatch.setattr(hubs, "INTERVAL", 0.1)

    class Late(FakeFeed):
        def look(self):
            if self.looks == 1:
                time.sleep(0.17)  # the next look is due before this one ends
            return super().look()

    async def scenario(client, hub):
        async with client.get(f"/{TOKEN}/live") as response:
            return await events(response, 6)

    times = [content["time"] for name, content in asked(scenario, Late()) if name == "view"]
    assert times == sorted(set(times))


def test_nobody_is_asked_while_nobody_watches():
    async def scenario(client, hub):
        async with client.get(f"/{TOKEN}/live") as response:
            await events(response, 3)
        await asyncio.sleep(0.2)  # the pulse has noticed by now
        looks = hub.feed.looks
        await asyncio.sleep(0.2)
        return looks, hub.feed.looks

    before, after = asked(scenario)
    assert before == after


def test_two_browsers_cost_one_look():
    async def scenario(client, hub):
        async with client.get(f"/{TOKEN}/live") as one, client.get(f"/{TOKEN}/live") as other:
            first, second = await asyncio.gather(events(one, 6), events(other, 6))
        return first, second

    first, second = asked(scenario)
    assert {view["time"] for _, view in first[2:]} & {view["time"] for _, view in second[2:]}


def test_a_browser_that_takes_nothing_is_hung_up_on():
    async def scenario(client, hub):
        stream = hub.events()
        await anext(stream)
        await anext(stream)
        pulling = asyncio.create_task(anext(stream))
        await pulling
        while hub._queues:  # it takes no more
            await asyncio.sleep(0.01)
        return [one async for one in stream]

    assert asked(scenario) == []


def test_a_mesh_that_does_not_answer_is_trouble_and_no_end():
    async def scenario(client, hub):
        async with client.get(f"/{TOKEN}/live") as response:
            await events(response, 2)
            hub.feed.fails = True
            found = [event for event in await events(response, 4) if event[0] == "trouble"]
            hub.feed.fails = False
            return found, await events(response, 3)

    troubles, after = asked(scenario)
    assert troubles[0][1] == {"error": "nobody answers"}
    assert "view" in [name for name, _ in after]


def test_what_is_asked_for_is_done_and_told():
    async def scenario(client, hub):
        done = await client.post(f"/{TOKEN}/do", json={"command": "pause", "workers": ["host/1"]})
        everywhere = await client.post(f"/{TOKEN}/do", json={"command": "resume", "workers": None})
        changed = {"command": "parameters", "arguments": {"set": {"exchange.interval": "2s"}}}
        then = await client.post(f"/{TOKEN}/do", json=changed)
        return await done.json(), await everywhere.json(), await then.json(), hub.feed.told

    done, everywhere, changed, told = asked(scenario)
    assert done["summary"] == "host/1 paused" and done["done"][0]["ok"] is True
    assert everywhere["summary"] == "2 workers resumed"
    assert changed["summary"] == "2 workers changed: exchange.interval is now 2.0"
    assert told[0] == ("pause", {}, ["host/1"])
    assert told[2] == ("parameters", {"set": {"exchange.interval": 2.0}}, ["host/0", "host/1"])


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({}, "cannot"),
        ({"command": "shutdown"}, "cannot 'shutdown'"),
        ({"command": "pause", "workers": []}, "list of names"),
        ({"command": "pause", "workers": "host/0"}, "list of names"),
        ({"command": "pause", "workers": ["nobody/1"]}, "no worker nobody/1"),
        ({"command": "pause", "arguments": [1]}, "object"),
        ({"command": "inject"}, "formula"),
        ({"command": "inject", "arguments": {"formulas": ["  "]}}, "formula"),
        ({"command": "inject", "arguments": {"formulas": ["x"] * 101}}, "100"),
        ({"command": "parameters"}, "which parameter"),
        ({"command": "parameters", "arguments": {"set": {"nothing": "1"}}}, "no setting 'nothing'"),
        ({"command": "parameters", "arguments": {"set": {"exchange.interval": "soon"}}}, "'soon' is no duration"),
        ({"command": "parameters", "arguments": {"set": {"network.port": "1"}}}, "fixed at the start"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_done(request_, reason):
    async def scenario(client, hub):
        response = await client.post(f"/{TOKEN}/do", json=request_)
        return response.status, (await response.json())["error"], hub.feed.told

    status, error, told = asked(scenario)
    assert status == 400 and reason in error and "\n" not in error
    assert told == []


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"[]", b'"pause"', b"\xff", b'{"command":' + b"1" * 5000 + b"}"])
def test_bytes_that_are_no_request_are_refused(body):
    async def scenario(client, hub):
        response = await client.post(f"/{TOKEN}/do", data=body, headers={"Content-Type": "application/json"})
        return response.status, hub.feed.told

    assert asked(scenario) == (400, [])


def test_settings_are_explained_and_a_value_that_differs_is_no_value():
    async def scenario(client, hub):
        return (await (await client.get(f"/{TOKEN}/parameters")).json())["settings"]

    rows = {row["name"]: row for row in asked(scenario)}
    assert rows["exchange.interval"]["value"] is None and rows["exchange.interval"]["unit"] == "s"
    assert rows["exchange.topology"]["choices"] == ["random", "ring", "fully-connected", "free-form"]
    assert rows["network.port"]["live"] is False
    assert not any(name.startswith(("page.", "launcher.")) for name in rows)


def test_metrics_take_the_token_as_prometheus_gives_it():
    async def scenario(client, hub):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        found = await client.get("/metrics", headers=bearer)
        refused = await client.get("/metrics", headers={"Authorization": "Bearer x"})
        elsewhere = await client.get("/view.json", headers=bearer)
        return found.status, found.headers["Content-Type"], await found.text(), refused.status, elsewhere.status

    told = asked(scenario, metrics=lambda view: (b"vmesh_workers %d\n" % len(view.workers), "text/plain; version=0.0.4"))
    assert told == (200, "text/plain; version=0.0.4", "vmesh_workers 2\n", 403, 403)


def test_one_worker_is_told_whatever_it_is_called():
    async def scenario(client, hub):
        found = await client.get(f"/{TOKEN}/worker/<b>%2F0")
        missing = await client.get(f"/{TOKEN}/worker/nobody")
        return await found.json(), missing.status

    found, missing = asked(scenario, FakeFeed(("<b>/0",)))
    assert found["name"] == "<b>/0" and found["deaths"] == {"starved": 3} and missing == 404


def test_every_answer_forbids_what_a_page_of_strangers_could_try():
    async def scenario(client, hub):
        return [(await client.get(path)).headers for path in (f"/{TOKEN}/", f"/{TOKEN}/view.json", "/")]

    for headers in asked(scenario):
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Content-Type-Options"] == "nosniff"


class Run:
    """A run of ten minutes."""

    kind, began, ended = "replayed", 1000.0, 1600.0

    def at(self, moment):
        view = FakeFeed().look()
        return type(view)(moment, view.workers, view.front)

    def past(self, points):
        return FakeFeed().past(points)

    def close(self):
        pass


def test_a_run_that_has_ended_is_played_and_not_changed():
    async def scenario(client, hub):
        refused = await client.post(f"/{TOKEN}/do", json={"command": "pause"})
        moved = await client.post(f"/{TOKEN}/replay", json={"at": 30, "playing": False})
        wrong = await client.post(f"/{TOKEN}/replay", json={"speed": 7})
        async with client.get(f"/{TOKEN}/live") as response:
            return refused.status, await moved.json(), wrong.status, await events(response, 2)

    run = Run()
    refused, moved, wrong, ((_, begin), (_, view)) = asked(scenario, run, ReplayClock(run))
    assert (refused, wrong) == (409, 400)
    assert moved == {"at": 30.0, "speed": 60.0, "playing": False}
    assert (begin["began"], begin["ended"]) == (1000.0, 1600.0)
    assert view["time"] == 1030.0 and view["replay"]["at"] == 30.0


def test_the_clock_of_a_replay_stops_at_the_end_and_begins_anew():
    now = [0.0]
    run = Run()
    clock = ReplayClock(run, lambda: now[0])
    assert clock.look().time == 1600.0 and not clock.playing
    clock.set(None, 10, True)
    now[0] = 6.0
    assert clock.look().time == 1060.0
    clock.set(None, 600, None)
    now[0] = 100.0
    assert clock.look().time == 1600.0 and not clock.playing
    clock.set(-5, None, None)
    assert clock.moment == 1000.0


