"""The mesh that is made up behaves like one: what pages and terminals are tried on must not be easier than what they are for."""

import dataclasses

import pytest

from vgp.errors import InputError
from vmesh.admin.protocol import plain
from vmesh.figures.record import read
from vmesh.watch.simulated import Plan, Simulated

COUNTERS = ("tick", "evaluations", "births", "duplicates", "immigrants", "cpu_seconds")


class Clock:
    """Seconds since 1970, moved by the test."""

    now = 1.8e9

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def mesh(clock, **changes):
    return Simulated(Plan(**{"hosts": 2, "workers": 3, "seed": 5, "before": 120.0, **changes}), clock)


def of(view):
    """All numbers of a view, comparable though some are NaN."""
    return plain(dataclasses.asdict(view))


def test_the_same_seed_and_times_give_the_same_mesh(clock):
    one, two, other = mesh(clock), mesh(clock), mesh(clock, seed=6)
    for _ in range(5):
        clock.now += 7.0
        first = of(one.look())
        assert first == of(two.look()) and first != of(other.look())


def test_counters_only_grow_and_losses_only_fall(clock):
    feed = mesh(clock)
    before = feed.look()
    for _ in range(20):
        clock.now += 30.0
        view = feed.look()
        for name, seen in view.workers.items():
            for counter in COUNTERS:
                assert getattr(seen.figures, counter) >= getattr(before.workers[name].figures, counter)
            assert not seen.figures.best_loss > before.workers[name].figures.best_loss
        assert [found.row.size for found in view.front] == sorted({found.row.size for found in view.front})
        before = view
    assert before.total("evaluations") > 0 and before.front and sum(found.row.chosen for found in before.front) == 1


def test_its_figures_are_such_as_workers_send(clock):
    for seen in mesh(clock).look().workers.values():
        assert plain(read(plain(seen.figures))) == plain(seen.figures)


def test_a_clock_that_goes_back_or_stood_still_for_long_is_borne(clock):
    feed = mesh(clock)
    clock.now -= 100.0
    feed.look()
    clock.now += 1e7
    assert feed.look().time == clock.now


def test_commands_do_what_they_say(clock):
    feed = mesh(clock)
    name = feed.names[0]
    [done] = feed.do("pause", {}, [name])
    assert done.ok and feed.look().workers[name].figures.state == "paused"
    still = feed.look().workers[name].figures.evaluations
    clock.now += 10.0
    assert feed.look().workers[name].figures.evaluations == still
    feed.do("resume", {}, None)
    clock.now += 10.0
    assert feed.look().workers[name].figures.evaluations > still
    [done] = feed.do("parameters", {"set": {"exchange.interval": "2.5"}}, [name])
    assert done.ok
    [answer] = feed.do("parameters", {}, [name])
    assert answer.result["exchange"]["interval"] == 2.5
    [done] = feed.do("parameters", {"set": {"exchange.interval": "soon"}}, [name])
    assert not done.ok and "exchange.interval" in done.error
    feed.do("drain", {}, [name])
    [done] = feed.do("resume", {}, [name])
    assert not done.ok and "draining" in done.error


def test_what_is_injected_is_on_the_front_once(clock):
    feed = mesh(clock)
    formula = "cos(length) * 3"
    first, again = (feed.do("inject", {"formulas": [formula]}, [feed.names[1]])[0] for _ in range(2))
    assert (first.result["accepted"], again.result["accepted"], again.result["duplicate"]) == (1, 0, 1)
    assert any("cos(length)" in found.row.formula and found.worker == feed.names[1] for found in feed.look().front)


@pytest.mark.parametrize(("command", "workers"), [("kill", None), ("pause", ["nobody/0"])])
def test_what_it_cannot_do_is_refused(clock, command, workers):
    with pytest.raises(InputError):
        mesh(clock).do(command, {}, workers)


def test_the_past_ends_where_the_first_view_begins(clock):
    feed = mesh(clock)
    curves = feed.past(10).curves
    assert set(curves) == set(feed.names)
    for curve in curves.values():
        assert len(curve.time) == len(curve.best_loss) == len(curve.evaluations_per_second) <= 10
        assert curve.time == sorted(curve.time) and curve.time[-1] == clock.now
