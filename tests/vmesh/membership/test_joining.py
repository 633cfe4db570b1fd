"""A worker that starts is in the mesh at once, whoever starts first."""

import random

import pytest

from tests.vmesh.membership.machines import Hand, machine, member, sent, with_neighbours
from vmesh.membership import Membership
from vmesh.messages import ForwardJoin, Join, Link, Welcome
from vmesh.settings import Membership as Settings
from vmesh.simulation import Simulation


@pytest.mark.parametrize("size", [2, 3, 5, 9, 20, 35])
def test_a_newcomer_has_its_links_before_any_timer_fires(size):
    """Messages alone, time stands still: the links are there after a few exchanges."""
    hand = Hand()
    for i in range(size):
        one = Membership(member(f"w{i}"), Settings(), random.Random(i))
        hand.machines[one.me.address] = one
        hand.carry(one, one.join(["w0.test:1", "w1.test:1"], 0.0))
        assert len(one.active) >= min(i, 2)
    assert all(len(one.active) >= min(size - 1, 2) for one in hand.machines.values())


def test_a_newcomer_to_a_full_mesh_has_all_its_links_within_two_rounds():
    mesh = Simulation(seed=1)
    mesh.start(100, seeds=3)
    mesh.rounds(20)
    newcomers = [mesh.add(f"new/{i}", ["10.0.0.0:7100", "10.0.0.1:7100"]) for i in range(10)]
    mesh.rounds(2)
    assert all(len(mesh.links(index)) >= 4 for index in newcomers)


@pytest.mark.parametrize("size", [2, 3, 8, 16, 24, 35])
def test_in_a_small_mesh_everyone_soon_knows_everyone(size):
    mesh = Simulation(seed=size)
    mesh.start(size, seeds=2)
    mesh.rounds(30)
    known = [len(worker.machine.active) + len(worker.machine.passive) for worker in mesh.workers]
    assert sum(known) >= 0.98 * size * (size - 1)
    assert mesh.ring_errors() == 0
    assert mesh.largest_part() == 1.0


def test_the_first_worker_waits_for_others_in_peace():
    for seeds in ([], ["me.test:1"]):
        one = Membership(member("me"), Settings(), random.Random(1))
        assert sent(one.join(seeds, 0.0)) == []
        for _ in range(100):
            assert sent(one.advance(one.next_timer())) == []


def test_a_worker_that_starts_before_its_seeds_finds_them():
    mesh = Simulation(seed=1)
    early = mesh.add("early/0", ["10.0.0.1:7100", "10.0.0.2:7100"])
    mesh.rounds(10)
    assert mesh.workers[early].machine.active == ()
    mesh.add("seed/0", ["10.0.0.1:7100"], address="10.0.0.1:7100")
    mesh.add("seed/1", ["10.0.0.1:7100"], address="10.0.0.2:7100")
    mesh.rounds(2)
    assert all(len(worker.machine.active) == 2 for worker in mesh.workers)


def test_asking_seeds_goes_on_at_a_steady_rate():
    settings = Settings(join_interval=0.5)
    one = machine(seeds=["a:1", "b:1"], settings=settings)
    asked = 0
    while one.next_timer() <= 10.0:
        asked += len(sent(one.advance(one.next_timer()), Join))
    assert 38 <= asked <= 42  # two seeds, twice a second


def test_two_meshes_that_formed_apart_become_one_through_their_seeds():
    """Each seed came up alone and gathered workers; each knows the other's address."""
    mesh = Simulation(seed=2)
    mesh.passes = lambda origin, to: (origin % 2) == (to % 2)
    mesh.start(100, seeds=2)
    mesh.rounds(10)
    assert mesh.largest_part() == 0.5
    mesh.passes = None
    mesh.rounds(60)
    assert mesh.largest_part() == 1.0
    assert mesh.ring_errors() == 0


def test_a_seed_answers_with_members_and_sends_the_news_for_a_walk():
    seed = with_neighbours("a", "b", "c")
    outputs = seed.receive(member("new"), Join(), 0.0)
    ((address, welcome),) = sent(outputs, Welcome)
    assert address == "new.test:1" and {one.name for one in welcome.members} == {"a", "b", "c"}
    assert {address for address, _ in sent(outputs, ForwardJoin)} == {"a.test:1", "b.test:1", "c.test:1"}


def test_a_walk_ends_and_does_not_grow():
    one = with_neighbours("a", "b", "c", "d", "e")
    (address, message), *more = sent(one.receive(member("a"), ForwardJoin(member("new"), 250), 0.0))
    assert not more and message.hops < Settings().walk_length and address != "a.test:1"
    assert sent(one.receive(member("a"), ForwardJoin(member("new2"), 0), 0.0)) == []  # no room: it is kept in mind
    assert "new2" in {other.name for other in one.passive}


def test_where_a_walk_ends_a_link_is_offered_if_there_is_room():
    one = with_neighbours("a")
    assert sent(one.receive(member("a"), ForwardJoin(member("new"), 3), 0.0), Link) == [("new.test:1", Link(False))]


def test_a_seed_with_many_members_answers_within_the_bounds_of_a_message():
    seed = machine(settings=Settings(active_size=5, passive_size=500))
    for i in range(400):
        seed.receive(member(f"w{i}"), Join(), 0.0)
    ((_, welcome),) = sent(seed.receive(member("new"), Join(), 0.0), Welcome)
    assert len(welcome.members) == 64
