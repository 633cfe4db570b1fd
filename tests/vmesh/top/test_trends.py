"""What is remembered of a mesh, and rates."""

import math

from tests.vmesh.top.scenes import later, scene
from tests.vmesh.watch.feeds import figures
from vmesh.top.trends import KEPT, Trends, least
from vmesh.watch.feed import Curve, Past

NAN = math.nan


def told(*figures_of_workers, **more):
    return scene(figures_of_workers, **more).view


def test_rates_are_what_was_counted_between_views():
    before = told(figures("host/0", births=100, deaths={"starved": 10}), figures("host/1", births=50))
    trends = Trends()
    trends.note(before)
    assert math.isnan(trends.rates.births) and trends.rates.deaths == {}
    trends.note(later(before, 2.0, host_0={"births": 140, "deaths": {"starved": 14, "eaten_age": 6}}))
    assert trends.rates.births == 20.0
    assert trends.rates.deaths == {"starved": 2.0, "eaten_age": 3.0}


def test_a_new_life_counts_from_nothing():
    before = told(figures("host/0", births=1000, uptime=500.0))
    trends = Trends()
    trends.note(before)
    trends.note(later(before, 2.0, host_0={"births": 30, "uptime": 1.0}))
    assert trends.rates.births == 15.0
    trends = Trends()
    trends.note(before)
    trends.note(later(before, 2.0, host_0={"births": 1030, "uptime": 1.0}))  # faster than its life before, but another one
    assert trends.rates.births == 515.0


def test_newcomers_and_silent_workers_make_no_rate():
    before = told(figures("host/0", births=10))
    after = told(figures("host/0", births=20), figures("host/1", births=10**9), silent={"host/0": "gone"})
    trends = Trends()
    trends.note(before)
    trends.note(later(after, 1.0))
    assert math.isnan(trends.rates.births)


def test_curves_grow_and_the_best_loss_never_rises():
    trends = Trends()
    view = told(figures("host/0", best_loss=0.5, evaluations_per_second=10.0), figures("host/1", best_loss=NAN))
    trends.note(view)
    trends.note(view)  # the same once more
    trends.note(later(view, 1.0, host_0={"best_loss": 2.0, "state": "paused"}))
    assert list(trends.mesh.pace) == [60.0, 60.0] and list(trends.mesh.loss) == [0.5, 0.5]
    assert list(trends.workers["host/0"].pace) == [10.0, 0.0]  # paused: whatever its last pace was
    for step in range(2 * KEPT):
        trends.note(later(view, 2.0 + step))
    assert len(trends.mesh.pace) == KEPT == len(trends.workers["host/0"].pace)
    trends.note(later(told(figures("host/1")), 10_000.0))
    assert list(trends.workers) == ["host/1"]


def test_the_past_is_put_before_the_present():
    past = Past({
        "a/0": Curve([0.0, 1.0, 2.0, 3.0], [4.0, 3.0, NAN, 3.5], [10.0, 10.0, 10.0, 10.0]),
        "a/1": Curve([0.0, 3.0], [9.0, 2.0], [5.0, 5.0]),
        "a/2": Curve([], [], []),
    })  # fmt: skip
    trends = Trends(past)
    assert list(trends.mesh.loss) == [4.0, 3.0, 3.0, 2.0]
    assert list(trends.mesh.pace) == [15.0] * 4  # the second tells seldom, and goes on meanwhile
    assert list(trends.workers["a/0"].loss)[:2] == [4.0, 3.0]


def test_pasts_that_make_no_sense_are_no_past():
    for curve in (Curve([NAN, NAN], [1.0, 1.0], [1.0, 1.0]), Curve([5.0, 5.0], [1.0, 1.0], [1.0, 1.0])):
        assert list(Trends(Past({"a/0": curve})).mesh.pace) == []
    assert math.isnan(least(NAN, NAN)) and least(NAN, 1.0) == least(1.0, NAN) == 1.0
