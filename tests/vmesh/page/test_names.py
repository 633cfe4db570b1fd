"""What workers and hosts are called, as the page shows it in a real browser."""

from tests.vmesh.page.browser import Visit
from tests.vmesh.page.made_up import served
from vmesh.watch.simulated import Plan, Simulated


def test_a_long_host_name_leaves_the_number_of_its_worker_in_sight(browser):
    host = "ip-172-31-22-104.eu-central-1.compute.internal." + "x" * 60
    inside = """table => [...document.querySelectorAll(`${table} tr:not(.gap) .worker`)].map(one => [
      one.lastChild.textContent, one.lastChild.getBoundingClientRect().right <= one.closest("td").getBoundingClientRect().right])"""
    with served(Simulated(Plan(hosts=1, workers=2, away=0, host_names=(host,)))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector("#front-table .worker")
        visit.page.wait_for_selector("#workers-table .worker")
        assert visit.page.evaluate(inside, "#workers-table") == [["/0", True], ["/1", True]]
        assert all(seen for _, seen in visit.page.evaluate(inside, "#front-table"))
        visit.page.close()


def test_what_a_worker_calls_itself_is_text(browser):
    name = '<img src=x onerror="window.hurt=1">'
    with served(Simulated(Plan(hosts=1, workers=2, away=0, host_names=(name,)))) as address:
        visit = Visit(browser)
        visit.page.goto(address)
        visit.page.wait_for_selector("#workers-table tbody tr:not(.gap)")
        visit.until("name => document.querySelector('#workers-table tbody tr:not(.gap)').textContent.includes(name)", name)
        assert visit.page.evaluate("window.hurt === undefined && document.querySelectorAll('main img').length === 0")
        visit.page.close()
