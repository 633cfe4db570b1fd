"""The page as its user sees it: in a real browser, on a running mesh of two workers and on meshes that are made up."""

import math
import re
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from tests.vmesh.launcher.running import Launcher
from tests.vmesh.page.browser import Visit, needed
from tests.vmesh.page.made_up import TOKEN, served
from vmesh.admin.client import Client
from vmesh.figures.record import FrontRow
from vmesh.page.clock import ReplayClock
from vmesh.watch.feed import REPLAYED, Curve, Past
from vmesh.watch.simulated import Plan, Simulated
from vmesh.watch.view import Found


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    """A real mesh of two workers with its page: (the launcher, the page's address)."""
    needed()
    folder = tmp_path_factory.mktemp("mesh")
    options = ("--set", "page.enabled=true", "--set", "vgp.population_size=500")
    with Launcher(folder, *options, real=True) as launcher:
        yield launcher, launcher.page()
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
    visit.until("document.querySelector('#figure-workers')?.textContent === '2'")
    before = visit.text("#figure-evaluations")
    visit.until("before => document.querySelector('#figure-evaluations').textContent !== before", before)
    visit.until("document.querySelectorAll('#front-table math').length > 0")

    page.click("[data-do=pause]")
    assert "stop evolving" in visit.text("dialog") and visit.text("dialog b") == "all 2 workers"
    page.click("dialog button:has-text('Cancel')")  # asked, and refused: nothing happens
    page.click("[data-do=pause]")
    page.click("dialog button[type=submit]")
    page.wait_for_selector(".toast:has-text('2 workers paused')")
    visit.until("document.querySelector('#states').textContent === '2 paused'")
    with Client(admin_of(launcher, 0)) as client:
        assert client.ask("status")["paused"] is True
    page.click("[data-do=resume]")
    page.click("dialog button[type=submit]")
    visit.until("document.querySelector('#states').textContent === '2 running'")

    page.click("#more-button")
    page.click("#more [data-do=inject]")
    page.fill("dialog textarea", "1 / (x + 12345)\nx * 0.25 + x")
    page.click("dialog button[type=submit]")
    page.wait_for_selector(".toast:has-text('took in')")

    page.click("#workers-table tbody tr:not(.gap) >> nth=0")
    page.wait_for_selector("#drawer h3:has-text('Process')")
    assert "fake/0" in visit.text("#drawer h2")
    page.keyboard.press("Escape")
    visit.until("document.querySelector('#drawer').hidden")
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
        visit.page.goto(launcher.page())
        visit.until("document.querySelectorAll('#front-table math').length > 0")
        found = "[...document.querySelectorAll('#front-table .formula')].some(cell => cell.title.includes('sin'))"
        assert not visit.page.evaluate(found)
        visit.page.click("#more-button")
        visit.page.click("#more [data-do=inject]")
        visit.page.fill("dialog textarea", "exp(sin(3 * x))")
        visit.page.click("dialog button[type=submit]")
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
        visit.until("document.querySelectorAll('#front-table math').length > 0")
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
        visit.until("document.querySelector('#workers-note')?.textContent.startsWith('512')")
        assert visit.page.evaluate("document.querySelectorAll('#workers-table tbody tr').length") < 60
        visit.page.fill("#workers-search", "node-3/17")
        visit.until("document.querySelectorAll('#workers-table tbody tr:not(.gap)').length === 1")
        assert visit.errors == []
        visit.page.close()


def test_a_lost_server_is_told_about(browser):
    with served(Simulated(Plan(hosts=1, workers=1, away=0))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector(".connection.live")
    visit.page.wait_for_selector(".connection.lost")
    assert "trying again" in visit.text("#notice")
    visit.page.close()


def test_the_page_finds_the_server_again_by_itself(browser):
    """With a fresh beginning: another mesh, at the same address."""
    with served(Simulated(Plan(hosts=1, workers=1, away=0))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.until("document.querySelector('#figure-workers')?.textContent === '1'")
    with served(Simulated(Plan(hosts=1, workers=3, away=0)), port=urlsplit(address).port):
        visit.until("document.querySelector('#figure-workers')?.textContent === '3'")
        visit.page.wait_for_selector(".connection.live")
        visit.page.close()


def test_who_did_not_do_it_is_told_by_name_and_reason(browser):
    feed = Simulated(Plan(hosts=1, workers=3, away=0))
    feed.look()
    feed._mesh.fails[1] = True
    with served(feed) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.click(".buttons [data-do=checkpoint]")
        visit.page.click("dialog button[type=submit]")
        visit.page.click(".toast.failed button:has-text('Details')")
        told = visit.text("dialog ul")
        assert "node-0/1: checkpoint: No space left on device" in told
        assert "node-0/0" in told and "node-0/2" in told
        visit.page.close()


def test_a_parameter_is_looked_up_by_its_meaning_and_changed(browser):
    feed = Simulated(Plan(hosts=1, workers=2, away=0))
    with served(feed) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.click("#more-button")
        visit.page.click("#more [data-do=parameters]")
        visit.page.fill("dialog input[type=search]", "between two emigrations")
        visit.page.click("dialog .list button:has-text('exchange.interval')")
        visit.page.fill("dialog label input", "a lot")
        visit.page.click("dialog button[type=submit]")
        visit.page.wait_for_selector("dialog .problem:not([hidden])")  # wrong input is told where it was typed
        visit.page.fill("dialog label input", "2s")
        visit.page.click("dialog button[type=submit]")
        visit.page.wait_for_selector(".toast:has-text('exchange.interval is now 2')")
        assert {one.result["exchange"]["interval"] for one in feed.do("parameters", {}, None)} == {2.0}
        visit.page.close()


def test_the_theme_is_remembered(browser):
    with served(Simulated(Plan(hosts=1, workers=1, away=0))) as address:
        visit = Visit(browser, color_scheme="light")
        visit.page.goto(address)
        visit.page.click("#theme")
        visit.page.click("#theme")
        visit.page.reload()
        visit.page.wait_for_selector("html[data-theme=dark]")
        visit.page.close()


HOSTILE = (
    "<math xmlns='http://www.w3.org/1998/Math/MathML' onclick='window.hurt=1'><mi style='color:red' href='javascript:1'>x</mi>"
    "<script>window.hurt=1</script><annotation-xml encoding='text/html'>"
    "<img xmlns='http://www.w3.org/1999/xhtml' src='x' onerror='window.hurt=1'/></annotation-xml></math>",
    "<html xmlns='http://www.w3.org/1999/xhtml'><img src='x' onerror='window.hurt=1'/></html>",
    "<math xmlns='http://www.w3.org/1998/Math/MathML'>" + "<mrow>" * 3000 + "</mrow>" * 3000 + "</math>",
    "<math",
)


@pytest.mark.parametrize("mathml", HOSTILE, ids=["handlers", "html", "deep", "torn"])
def test_a_formulas_markup_is_typeset_and_nothing_else(browser, mathml):
    row = FrontRow(3, 0.5, 0.5, "<b>x</b> + 1", mathml, True, "0")
    feed = Simulated(Plan(hosts=1, workers=1, away=0))
    feed._gathered = lambda: (Found(row, "node-0/0"),)
    with served(feed) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector("#front-table tbody tr")
        parts = "[...document.querySelectorAll('#front-table .formula *, #hero .formula *')]"
        names = visit.page.evaluate(f"{parts}.flatMap(part => [part.localName, ...part.getAttributeNames()])")
        assert set(names) <= {"math", "mi", "code", "mrow"}
        assert visit.page.evaluate("window.hurt === undefined")
        assert all("has been blocked" in error for error in visit.errors)  # the parser meets handlers, and the policy forbids them
        visit.page.close()


def test_a_run_that_has_ended_is_played(browser):
    feed = Recorded()
    with served(feed, ReplayClock(feed)) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector("#replay:not([hidden])")
        assert visit.text("#replay output") == "2:00 of 2:00"
        visit.page.evaluate("document.querySelector('#replay input').value = 30, 0")
        visit.page.dispatch_event("#replay input", "change")
        visit.until("document.querySelector('#replay output').textContent === '0:30 of 2:00'")
        at_thirty = visit.text("#figure-evaluations")
        visit.page.select_option("#replay select", "10")
        visit.page.click("#replay button")
        visit.until("before => document.querySelector('#figure-evaluations').textContent !== before", at_thirty)
        assert not visit.page.is_visible(".buttons")
        assert visit.errors == []
        visit.page.close()


class Recorded:
    """A run of two minutes that has ended: views of a made-up mesh, ten seconds apart."""

    kind = REPLAYED

    def __init__(self):
        moments = iter([1e9 + 10.0 * k for k in range(14)])
        run = Simulated(Plan(hosts=1, workers=4, away=0, before=1.0), lambda: next(moments))
        self._views = [run.look() for _ in range(13)]
        self.began, self.ended = self._views[0].time, self._views[-1].time

    def look(self):
        return self._views[-1]

    def at(self, moment):
        return next(view for view in reversed(self._views) if view.time <= moment)

    def past(self, points):
        names = self._views[0].workers
        times = [view.time for view in self._views]
        of = lambda name, what: [getattr(view.workers[name].figures, what) for view in self._views]  # noqa: E731
        return Past({name: Curve(times, of(name, "best_loss"), of(name, "evaluations_per_second")) for name in names})

    def do(self, command, arguments, workers):
        raise AssertionError("a run that has ended is asked for nothing")

    def close(self):
        pass
