"""The agent's loop in a time of its own: what it tells, when it leaves, what it survives."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vmesh.cloud.node.fake_metadata import moment
from tests.vmesh.cloud.node.world import KEY, LAUNCHED, World
from vmesh.cloud.agent import noticed


def notice(action="terminate"):
    return json.dumps({"action": action, "time": moment(LAUNCHED + 320)})


def test_a_node_that_starts_is_told_every_2_seconds_and_one_that_evolves_every_minute():
    world = World()
    world.at(10, lambda: world.evolve(0))
    world.at(20, lambda: world.evolve(1))
    world.at(30, world.evolve)
    world.run()
    assert world.states == ["starting", "evolving"]
    times = [second for second, _ in world.records]
    starting, steady = [t for t in times if t < 30], [t for t in times if t >= 30]
    assert all(b - a <= 2.0 for a, b in itertools.pairwise(starting))
    assert steady[0] <= 32 and all(60 <= b - a < 66 for a, b in itertools.pairwise(steady))
    assert [one.workers_evolving for _, one in world.records][-1] == 2


def test_what_the_launcher_says_is_in_the_record():
    world = World(max_hours=2, end=100)
    said = {
        "evaluations": 9,
        "evaluations_per_second": 1.5,
        "best_loss": None,
        "r2": 0.5,
        "formula": "x",
        "mesh": ("10.0.0.1:7100",),
    }
    world.at(5, lambda: world.evolve(**said))
    last = world.run().records[-1][1]
    assert {name: getattr(last, name) for name in said} == said
    assert (last.name, last.index, last.until, last.started) == ("test-3", 3, LAUNCHED + 7200, LAUNCHED)


def test_a_worker_that_is_started_again_does_not_make_a_node_a_beginner():
    world = World()
    world.at(5, world.evolve)
    world.at(60, lambda: world.evolve(1))
    world.run()
    assert world.states == ["starting", "evolving"]
    assert world.records[-1][1].workers_evolving == 1


def test_a_service_that_somebody_stops_has_left_and_may_come_back():
    world = World()
    world.at(5, world.evolve)
    world.at(100, lambda: world.status.update(state="stopping"))
    world.at(110, lambda: (setattr(world, "state", "inactive"), setattr(world, "status", None)))
    world.at(200, world.evolve)
    assert world.run().states == ["starting", "evolving", "leaving", "left", "evolving"]
    assert world.done == []


def test_a_service_that_fails_is_told_with_its_last_words():
    world = World(end=60)
    world.words = "vmesh: there is no object s3://data/table.csv; check its name"
    world.at(5, lambda: setattr(world, "state", "failed"))
    last = world.run().records[-1][1]
    assert last.state == "failed"
    assert last.reason == f"vmesh.service failed: {world.words}; look at journalctl -u vmesh on the node"


@pytest.mark.parametrize("action", ["terminate", "stop", "hibernate"])
def test_a_spot_notice_lets_the_workers_go_in_time(action):
    world = World()
    world.at(5, world.evolve)
    world.at(200, lambda: setattr(world, "notice", notice(action)))
    world.run()
    assert world.states == ["starting", "evolving", "leaving", "left"]
    assert [name for name, _ in world.done] == ["stop"] and world.done[0][1] <= 205
    last = world.records[-1][1]
    assert last.spot_notice == LAUNCHED + 320 and last.workers_evolving == 0
    assert [mail[1:] for mail in world.mails[-3:]] == [
        ("clusters/test/logs/test-3-i-1.journal.gz", b"journal"),
        ("clusters/test/histories/test-3-i-1/worker-0.history.sqlite.gz", b"history 0"),
        ("clusters/test/histories/test-3-i-1/worker-1.history.sqlite.gz", b"history 1"),
    ]
    assert world.mails[-1][0] < 215
    assert world.second >= world.end  # and stays, or systemd would start it again


def test_workers_that_do_not_leave_are_killed_before_the_instance_is_gone():
    world = World()
    world.leaving_takes = 1000.0
    world.at(5, world.evolve)
    world.at(100, lambda: setattr(world, "notice", notice()))
    world.run()
    assert [name for name, _ in world.done] == ["stop", "kill"]
    assert world.done[1][1] - world.done[0][1] < 95
    assert world.states[-1] == "left"


def test_max_hours_powers_the_machine_off():
    world = World(max_hours=0.1)
    world.at(5, world.evolve)
    world.run()
    assert world.states == ["starting", "evolving", "leaving", "left"]
    assert [name for name, _ in world.done] == ["stop", "power_off"]
    assert 360 < world.done[0][1] < 367


def test_max_hours_counts_from_the_launch_of_the_instance_but_not_before_the_clock_can_be_right():
    world = World(max_hours=0.001)
    world.run()
    assert world.done[0][0] == "stop" and 60 < world.done[0][1] < 65


def test_a_machine_that_goes_down_is_told_to_have_left():
    world = World(end=100)
    world.at(5, world.evolve)
    world.at(99, lambda: (setattr(world, "down", True), setattr(world, "state", "inactive"), setattr(world, "status", None)))
    assert world.run().states == ["starting", "evolving", "left"] or world.states[-2:] == ["leaving", "left"]


def test_an_agent_that_is_started_again_alone_leaves_the_workers_alone():
    world = World(end=100)
    world.at(5, world.evolve)
    world.run()
    assert world.states == ["starting", "evolving"] and world.done == []


def test_it_survives_the_metadata_service():
    world = World()
    world.notice = "away"
    world.at(5, world.evolve)
    world.at(300, lambda: setattr(world, "notice", notice()))
    world.run()
    assert world.states[-1] == "left"
    assert world.done[0][1] <= 361  # it looks once a minute at least


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.dictionaries(st.sampled_from(["action", "time", "x"]), st.one_of(st.none(), st.text())).map(json.dumps),
    )
)
def test_only_a_notice_is_a_notice(answer):
    assert noticed(answer) is None


EVENTS = st.lists(
    st.tuples(
        st.floats(0, 500),
        st.sampled_from(["evolve", "some", "none", "fail", "stop", "away", "back", "notice", "garbage", "down"]),
    ),
    max_size=12,
)


@given(EVENTS, st.sampled_from([None, 0.01, 0.1]), st.floats(0, 200))
@settings(max_examples=100, deadline=None)
def test_whatever_happens_it_ends_and_tells_the_truth(events, max_hours, leaving_takes):
    world = World(max_hours=max_hours)
    world.leaving_takes = leaving_takes
    acts = {
        "evolve": world.evolve,
        "some": lambda: world.evolve(1),
        "none": lambda: setattr(world, "status", None),
        "fail": lambda: (setattr(world, "state", "failed"), setattr(world, "status", None)),
        "stop": lambda: (setattr(world, "state", "inactive"), setattr(world, "status", None)),
        "away": lambda: setattr(world, "notice", "away"),
        "back": lambda: setattr(world, "notice", None),
        "notice": lambda: setattr(world, "notice", notice()),
        "garbage": lambda: setattr(world, "notice", "<html>"),
        "down": lambda: setattr(world, "down", True),
    }
    for second, what in events:
        world.at(second, acts[what])
    world.run()
    names = [name for name, _ in world.done]
    assert names.count("stop") <= 1 and names.count("power_off") <= (max_hours is not None)
    assert all(b - a <= 160 for a, b in itertools.pairwise([second for second, key, _ in world.mails if key == KEY]))
    if max_hours:
        assert names[:1] == ["stop"]
