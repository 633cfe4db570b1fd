"""The page as its user sees it: in a real browser, on a running mesh of two workers and on meshes that are made up."""

import contextlib
import math
import re
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from tests.vmesh.history.test_history import run_of
from tests.vmesh.launcher.running import Launcher
from tests.vmesh.page.browser import Visit, needed, started
from vmesh.admin.client import Client
from vmesh.page import serving
from vmesh.page.clock import ReplayClock
from vmesh.page.hub import Hub
from vmesh.page.server import Server
from vmesh.watch.replayed import Replayed
from vmesh.watch.simulated import Plan, Simulated

TOKEN = "a-token-of-twenty-two-characters"


@pytest.fixture(scope="module")
def browser():
    needed()
    with started() as made:
        yield made


@contextlib.contextmanager
def served(feed, clock=None):
    """The address of a page over a feed, served by a thread of this process."""
    import asyncio

    from aiohttp import web

    ready, ended = threading.Event(), threading.Event()
    listener = serving.listening(0)
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


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    """A real mesh of two workers with its page: (the launcher, the page's address)."""
    needed()
    folder = tmp_path_factory.mktemp("mesh")
    options = ("--set", "page.enabled=true", "--set", "vgp.population_size=500")
    with Launcher(folder, *options, real=True) as launcher:
        line = launcher.line("watch it: ")
        yield launcher, re.search(r"http://\S+", line)[0]
        launcher.process.terminate()
        launcher.process.wait(30)


def admin_of(launcher, index):
    launcher_lines = [line for line in launcher.seen if f"/{index} at " in line and "administration at" in line]
    return launcher_lines[0].rsplit(" ", 1)[1]


def test_a_running_mesh_is_watched_paused_resumed_and_given_a_formula(browser, mesh):
    launcher, address = mesh
    visit = Visit(browser)
    page = visit.page
    page.goto(address)
    visit.until("document.querySelector('#figure-workers')?.textContent === '2/2'")
    before = visit.text("#figure-evaluations")
    visit.until("before => document.querySelector('#figure-evaluations').textContent !== before", before)
    visit.until("document.querySelectorAll('#front math').length > 0")

    page.click("[data-do=pause]")
    assert "stop evolving" in visit.text("#dialog")
    page.click("#dialog button[value=no]")  # asked, and refused: nothing happens
    page.click("[data-do=pause]")
    page.click("#dialog button[value=yes]")
    page.wait_for_selector(".toast:has-text('2 workers paused')")
    visit.until("document.querySelector('#state').textContent === '2 paused'")
    with Client(admin_of(launcher, 0)) as client:
        assert client.ask("status")["paused"] is True
    page.click("[data-do=resume]")
    page.click("#dialog button[value=yes]")
    visit.until("document.querySelector('#state').textContent === '2 running'")

    page.click("[data-do=inject]")
    page.fill("#formula", "1 / (x + 12345)\nx * 0.25 + x")
    page.click("#dialog button[value=yes]")
    page.wait_for_selector(".toast:has-text('took in')")

    page.click(".rows .row >> nth=0")
    page.wait_for_selector("#worker dl")
    assert "fake/0" in visit.text("#worker-name")
    assert {urlsplit(url).netloc for url in visit.requests} == {urlsplit(address).netloc}
    assert visit.errors == []
    page.close()


def test_a_formula_is_injected_and_found_on_the_front(browser, tmp_path):
    """One that evolution cannot make: it has other functions."""
    settings = ("page.enabled=true", "vgp.population_size=64", "vgp.functions=add", "vgp.max_size=12")
    options = [word for setting in settings for word in ("--set", setting)]
    launcher = Launcher(tmp_path, *options, real=True, workers=1)
    rows = ((x / 7, math.exp(math.sin(3 * x / 7))) for x in range(40))
    (tmp_path / "table.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in rows))
    with launcher:
        visit = Visit(browser)
        visit.page.goto(re.search(r"http://\S+", launcher.line("watch it: "))[0])
        visit.until("document.querySelectorAll('#front math').length > 0")
        found = "[...document.querySelectorAll('#front td.formula')].some(cell => cell.title.includes('sin'))"
        assert not visit.page.evaluate(found)
        visit.page.click("[data-do=inject]")
        visit.page.fill("#formula", "exp(sin(3 * x))")
        visit.page.click("#dialog button[value=yes]")
        visit.page.wait_for_selector(".toast:has-text('took in 1')")
        visit.until(found)
        visit.page.close()
        launcher.process.terminate()
        launcher.process.wait(30)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN])
def test_without_the_token_nothing_is_shown(mesh, token):
    """Also with that of another mesh."""
    parts = urlsplit(mesh[1])
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://{parts.netloc}/{token}", timeout=20)
    assert refused.value.code == 403
    refused.value.close()


SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_on_a_phone_and_in_the_dark(browser, size, scheme):
    with served(Simulated(Plan(hosts=2, workers=4))) as address:
        visit = Visit(browser, *SIZES[size], color_scheme=scheme)
        visit.page.goto(address)
        visit.until("document.querySelectorAll('#front math').length > 0")
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = sum(map(int, re.findall(r"\d+", background)[:3])) / 3
        assert light > 200 if scheme == "light" else light < 60
        assert visit.errors == []
        visit.page.close()


def test_hundreds_of_workers_cost_no_more_rows_than_are_in_sight(browser):
    with served(Simulated(Plan(hosts=8, workers=64))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.until("document.querySelector('#workers-note')?.textContent.startsWith('51')")
        assert visit.page.evaluate("document.querySelectorAll('.rows .row').length") < 60
        visit.page.fill("#filter", "node-3/17")
        visit.until("[...document.querySelectorAll('.rows .row')].filter(row => row.style.display !== 'none').length === 1")
        assert visit.errors == []
        visit.page.close()


def test_what_a_worker_calls_itself_is_text(browser):
    name = '<img src=x onerror="window.hurt=1">'
    with served(Simulated(Plan(hosts=1, workers=2, away=0, host_names=(name,)))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector(".rows .row")
        visit.until("name => document.querySelector('.rows .row').textContent.includes(name)", name)
        assert visit.page.evaluate("window.hurt === undefined && document.querySelectorAll('main img').length === 0")
        visit.page.close()


def test_a_run_that_has_ended_is_played(browser, tmp_path):
    run_of(tmp_path)
    run = Replayed(tmp_path)
    with served(run, ReplayClock(run)) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector("#replay")
        visit.until("document.querySelector('#replay span').textContent === '4:15 of 4:15'")
        visit.until("document.querySelector('#front code, #front math') !== null")
        assert not visit.page.is_visible("[data-do=pause]")
        visit.page.evaluate("document.querySelector('#replay input').value = '0'")
        visit.page.dispatch_event("#replay input", "change")
        visit.until("document.querySelector('#replay span').textContent === '0:00 of 4:15'")
        visit.until("document.querySelector('#figure-workers').textContent === '1/3'")
        visit.page.click("#replay button")
        visit.until("document.querySelector('#replay button').textContent === 'Stop'")
        visit.until("document.querySelector('#replay span').textContent === '4:15 of 4:15'")
        assert visit.errors == []
        visit.page.close()


def test_a_lost_server_is_told_about(browser):
    with served(Simulated(Plan(hosts=1, workers=1, away=0))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector(".dot.live")
    visit.page.wait_for_selector(".dot.lost")
    assert "trying again" in visit.text("#state")
    visit.page.close()
