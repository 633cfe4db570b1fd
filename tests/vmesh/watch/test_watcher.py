"""A mesh is watched over its admin sockets: found from one worker, asked for what is new, and told about when it falls silent."""

import math
import time

import pytest

from tests.vmesh.watch.crowd import Crowd
from vmesh.admin.asking import Entrance
from vmesh.errors import AdminError
from vmesh.watch import watcher as watching
from vmesh.watch.watcher import Watcher


@pytest.fixture
def watch(monkeypatch):
    """Makes a watcher of a crowd, entered at its first worker."""
    monkeypatch.setattr(watching, "LOOK_SECONDS", 1.0)
    monkeypatch.setattr(watching, "FIRST_SECONDS", 1.0)
    made = []

    def make(crowd, **options):
        made.append(Watcher(Entrance((crowd.workers[0].admin,), None), **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def until(watcher, condition, seconds=20):
    """Looks until a view is as wanted."""
    deadline = time.monotonic() + seconds
    while not condition(view := watcher.look()):
        assert time.monotonic() < deadline, list(view.workers)
        time.sleep(0.01)
    return view


def test_all_are_found_from_one(watch):
    with Crowd(30, per_host=10) as crowd:
        view = until(watch(crowd), lambda view: len(view.workers) == 30)
    assert list(view.workers)[:3] == ["host0/0", "host0/1", "host0/2"] and list(view.workers)[-1] == "host2/9"
    assert view.total("living") == 30 * 9000
    assert [found.row.size for found in view.front] == [1 + 2 * k for k in range(12)]
    assert sum(found.row.chosen for found in view.front) == 1


def test_what_was_told_is_not_told_again_and_not_forgotten(watch):
    with Crowd(1) as crowd:
        watcher = watch(crowd)
        first, second = watcher.look(), watcher.look()
        asked = [arguments for command, arguments in crowd.workers[0].heard if command == "figures"]
    assert asked == [{}, {"front": "0", "line": 1}]
    assert first.front == second.front and second.front is first.front
    seen = second.workers["host0/0"]
    assert seen.figures.tick == 20 and seen.figures.front is not None
    assert seen.cpu == pytest.approx(0.5)


def test_organisms_on_their_way_are_those_since_the_look_before(watch):
    with Crowd(2) as crowd:
        watcher = watch(crowd)
        until(watcher, lambda view: len(view.workers) == 2)
        view = until(watcher, lambda view: all(seen.figures.tick > 10 for seen in view.workers.values()))
    assert view.workers["host0/0"].sent == {"host0/1": 4}


def test_lines_come_once_in_the_order_of_time(watch):
    with Crowd(3) as crowd:
        watcher = watch(crowd)
        said = []
        until(watcher, lambda view: said.extend(view.lines) or len({line.worker for line in said}) == 3)
    assert len(set(said)) == len(said)
    assert {line.text for line in said} >= {"line 7"}


def test_one_that_falls_silent_is_told_about_and_keeps_nobody_waiting(watch, monkeypatch):
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr(watching, "SILENT_AFTER", 0.3)
    monkeypatch.setattr(watching, "AGAIN", 0.2)
    with Crowd(3) as crowd:
        watcher = watch(crowd)
        until(watcher, lambda view: len(view.workers) == 3)
        crowd.workers[1].mute = True
        view = until(watcher, lambda view: bool(view.workers["host0/1"].silent))
        assert "has not answered" in view.workers["host0/1"].silent
        assert not view.workers["host0/0"].silent and len(view.answering) == 2
        assert math.isclose(view.total("living"), 18_000)
        crowd.workers[1].mute = False
        until(watcher, lambda view: not view.workers["host0/1"].silent)


def test_one_that_comes_back_elsewhere_counts_once(watch, monkeypatch):
    monkeypatch.setattr(watching, "SILENT_AFTER", 0.3)
    with Crowd(4) as crowd:
        watcher = watch(crowd)
        until(watcher, lambda view: len(view.workers) == 4)
        before = crowd.workers[2].admin
        crowd.restart(crowd.workers[2], elsewhere=True)
        view = until(watcher, lambda view: view.workers["host0/2"].figures.incarnation == 2)
    assert len(view.workers) == 4 and not view.silent
    assert view.workers["host0/2"].figures.admin != before


def test_one_at_the_same_address_is_heard_again(watch, monkeypatch):
    """ZeroMQ makes the line anew; what was under way on it is asked again."""
    monkeypatch.setattr(watching, "AGAIN", 0.2)
    with Crowd(1) as crowd:
        watcher = watch(crowd)
        watcher.look()
        crowd.restart(crowd.workers[0], elsewhere=False)
        until(watcher, lambda view: view.workers["host0/0"].figures.incarnation == 2)


def test_a_mesh_where_nobody_answers_is_an_error_that_says_where(monkeypatch):
    monkeypatch.setattr(watching, "FIRST_SECONDS", 0.2)
    watcher = Watcher(Entrance(("127.0.0.1:1",), None))
    with pytest.raises(AdminError, match=r"no worker answers at 127\.0\.0\.1:1"):
        watcher.look()
    watcher.close()


@pytest.mark.parametrize("address", ["", "nonsense", "host:port", "127.0.0.1:99999"])
def test_what_is_no_address_is_left_out(watch, address):
    with Crowd(1) as crowd:
        watcher = watch(crowd, addresses=lambda: [address, crowd.workers[0].admin])
        assert list(watcher.look().workers) == ["host0/0"]


def test_commands_go_to_those_who_are_meant(watch):
    with Crowd(3) as crowd:
        watcher = watch(crowd)
        until(watcher, lambda view: len(view.workers) == 3)
        done = watcher.do("pause", {}, ["host0/2"])
        assert [(one.worker, one.ok) for one in done] == [("host0/2", True)]
        assert ("pause", {}) in crowd.workers[2].heard
        assert ("pause", {}) not in crowd.workers[0].heard
        assert len(watcher.do("resume", {}, None)) == 3
        with pytest.raises(AdminError, match="no worker host9/9"):
            watcher.do("pause", {}, ["host9/9"])
