"""The ring of names is exact, however the mesh came about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.membership.machines import machine, member, sent
from vmesh.membership.ring import between
from vmesh.messages import Join, Notify, Predecessor, Shuffle
from vmesh.simulation import Simulation


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=2, max_size=30, unique=True))
def test_of_all_that_it_heard_of_the_next_name_is_the_successor(names):
    me, *rest = names
    one = machine(me)
    for name in rest:
        one.receive(member(rest[0]), Shuffle((member(name),)), 0.0)
    in_order = sorted(names)
    assert one.successor.name == in_order[(in_order.index(me) + 1) % len(names)]


@given(*[st.sampled_from("abcdef")] * 3)
def test_between_closes_the_ring(low, name, high):
    way = [chr((ord(low) - 97 + i) % 6 + 97) for i in range(1, 7)]
    if name not in (low, high):
        assert between(low, name, high) == (way.index(name) < way.index(high))


@pytest.mark.parametrize("size", [1, 2, 3, 10, 100])
def test_it_is_exact_at_any_size(size):
    mesh = Simulation(seed=size)
    mesh.start(size)
    mesh.rounds(10)
    assert mesh.ring_errors() == 0


def test_it_closes_again_when_a_whole_stretch_vanishes():
    mesh = Simulation(seed=2)
    mesh.start(300)
    mesh.rounds(15)
    mesh.kill(range(100, 150))
    mesh.rounds(40)
    assert mesh.ring_errors() == 0


def test_newcomers_whose_names_stand_between_all_others():
    """Each of the second fleet finds another one of it first: two rings, which have to become one."""
    mesh = Simulation(seed=3)
    seeds = ["10.0.0.0:7100", "10.0.0.1:7100"]
    for i in range(150):
        mesh.add(f"host-{i:03}/0", seeds)
    mesh.rounds(10)
    for i in range(150):
        mesh.add(f"host-{i:03}/1", seeds)
    mesh.rounds(30)
    assert mesh.ring_errors() == 0


def test_the_successor_answers_with_who_stands_before_it():
    one = machine("m")
    for name in "cfkpx":
        one.receive(member(name), Join(), 0.0)
    ((address, answer),) = [pair for pair in sent(one.receive(member("g"), Notify(), 0.0)) if pair[0] == "g.test:1"]
    assert address == "g.test:1" and answer.member.name == "k"
    assert [near.name for near in answer.nearby] == ["k", "p", "x", "c"]


def test_a_successor_that_does_not_answer_is_given_up():
    one = machine("a")
    one.receive(member("z"), Join(), 0.0)
    one.receive(member("z"), Predecessor(member("b")), 0.0)
    assert one.successor.name == "b"
    while one.next_timer() < 15.0:
        for address, message in sent(one.advance(one.next_timer()), Notify):
            if address == "z.test:1":
                one.receive(member("z"), Predecessor(member("b")), one.next_timer())
            assert isinstance(message, Notify)
    assert one.successor is None or one.successor.name == "z"


def test_in_a_settled_ring_little_is_said():
    mesh = Simulation(seed=4)
    mesh.start(100)
    mesh.rounds(30)
    before = sum(worker.messages_sent for worker in mesh.workers)
    mesh.rounds(20)
    assert (sum(worker.messages_sent for worker in mesh.workers) - before) / 100 / 20 < 4
