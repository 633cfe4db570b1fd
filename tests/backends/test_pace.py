"""How runs are divided: a budget of evaluations ends at the same tick always, one of seconds when they are over."""

import pytest

from tests.backends.runs import opened, outcome
from tests.island.tables import SMALL, table
from vgp.backends import pace as pace_module
from vgp.backends.pace import Pace
from vgp.backends.rounds import step_seconds


class Clock:
    """A time that goes on with the ticks of the islands alone."""

    now = 0.0

    def monotonic(self):
        return self.now


def driven(what, monkeypatch, seconds_per_tick, **budget):
    clock, steps = Clock(), []
    monkeypatch.setattr(pace_module, "time", clock)
    with opened(what, parameters=SMALL.replace(restart_after=3)) as islands:
        islands.create()
        pace = Pace(islands, **budget)
        while ticks := pace.ticks():
            steps.append(ticks)
            islands.advance(ticks)
            clock.now += ticks * seconds_per_tick
        assert pace.used() >= 1
        return steps, islands.evaluations, islands.round_ticks, outcome(islands)


@pytest.mark.parametrize("what", ["serial", "threads"])
def test_a_budget_of_evaluations_does_not_look_at_the_clock(what, monkeypatch):
    runs = [driven(what, monkeypatch, step, evaluations=6000) for step in (1e-6, 1e-3, 10.0)]
    assert runs[0][1] >= 6000
    assert runs[0][3] == runs[1][3] == runs[2][3]
    assert (what == "serial") == (runs[0][0] == runs[2][0])  # threads look at it between, tasks do not


def test_rounds_are_whole_until_the_last(monkeypatch):
    steps, evaluations, interval, _ = driven("serial", monkeypatch, 1.0, evaluations=6000)
    assert set(steps[:-3]) == {interval}
    assert evaluations < 6000 + interval * 2 * SMALL.most_evaluations_per_tick


def test_threads_do_none_too_much(monkeypatch):
    _, evaluations, _, _ = driven("threads", monkeypatch, 1.0, evaluations=6000)
    assert evaluations < 6000 + 2 * SMALL.replace(restart_after=3).most_evaluations_per_tick


@pytest.mark.parametrize("what", ["serial", "threads"])
def test_a_budget_of_seconds_ends_with_them(what, monkeypatch):
    steps, *_ = driven(what, monkeypatch, 0.2, seconds=7)
    assert 35 <= sum(steps) <= 36


def test_a_round_is_as_long_as_suits_the_clock(monkeypatch):
    steps, _, interval, _ = driven("serial", monkeypatch, step_seconds(table()) / 30, seconds=12)
    assert interval in (29, 30)
    assert interval in steps


def test_what_comes_first_ends_a_run_with_two_budgets(monkeypatch):
    assert driven("serial", monkeypatch, 1.0, seconds=5, evaluations=10**9)[1] < 10**5
    assert driven("serial", monkeypatch, 1.0, seconds=10**9, evaluations=2000)[1] >= 2000
