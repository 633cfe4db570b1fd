"""The feed's thread, and what is told of commands."""

import threading
import time

import pytest

from tests.vmesh.watch.feeds import FakeFeed
from vmesh.errors import AdminError
from vmesh.top.looking import Looking, Told, summary
from vmesh.top.state import Request
from vmesh.watch.feed import Done
from vmesh.watch.view import View


def test_views_come_one_after_the_other_and_the_feed_is_closed_at_the_end():
    feed = FakeFeed()
    with Looking(feed, 0.01) as looking:
        assert [looking.first().time, looking.next().time, looking.next().time] == [1.0, 2.0, 3.0]
        assert set(looking.past.curves) == {"host/0", "host/1"}
    assert feed.closed


def test_nobody_who_ever_answered_is_an_error_and_later_a_message():
    feed = FakeFeed()
    feed.fails = True
    with Looking(feed, 0.01) as looking, pytest.raises(AdminError, match="nobody answers"):
        looking.first()
    feed = FakeFeed()
    with Looking(feed, 0.01) as looking:
        looking.first()
        feed.fails = True
        while not isinstance(event := looking.events.get(timeout=30), Told):
            pass
        assert event == Told("nobody answers", True)
        feed.fails = False
        looking.next()


def test_waiting_for_a_view_has_an_end():
    with Looking(FakeFeed(), 3600.0) as looking:
        looking.first()
        with pytest.raises(TimeoutError):
            looking.next(time.monotonic() + 0.05)


def test_a_long_command_does_not_stop_the_looking():
    feed, gate = FakeFeed(), threading.Event()
    obey = feed.do

    def slow(command, arguments, workers):
        gate.wait(30)
        return obey(command, arguments, workers)

    feed.do = slow
    with Looking(feed, 0.01) as looking:
        looking.first()
        looking.do(Request("pause", "host/1"))
        for _ in range(3):
            assert isinstance(looking.events.get(timeout=30), View)
        gate.set()
        while not isinstance(event := looking.events.get(timeout=30), Told):
            pass
    assert event == Told("host/1: paused", False)
    assert feed.told == [("pause", {}, ["host/1"])]


def test_what_cannot_be_done_is_told():
    with Looking(FakeFeed(), 3600.0) as looking:
        looking.first()
        looking.do(Request("pause", "nobody"))
        assert looking.events.get(timeout=30) == Told("pause: there is no worker nobody", True)


def test_summaries():
    good = [Done(f"a/{i}", True, {"path": "/x", "bytes": 2048, "tick": 7}) for i in range(3)]
    bad = Done("a/3", False, error="the disk is full")
    assert summary("checkpoint", good[:1]) == Told("a/0: /x (2K, tick 7)", False)
    assert summary("checkpoint", good) == Told("checkpoint: done by 3 workers", False)
    assert summary("checkpoint", [*good, bad]) == Told("checkpoint: done by 3 of 4 workers; a/3: the disk is full", True)
    assert summary("checkpoint", [bad]) == Told("checkpoint: a/3: the disk is full", True)
    assert summary("checkpoint", [Done("a/0", True, "of another version")]) == Told("a/0: checkpoint done", False)
    assert summary("pause", []).failed
