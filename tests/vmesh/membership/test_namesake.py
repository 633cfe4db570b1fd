"""Two processes with one name: the younger one goes, whatever others say."""

import pytest

from tests.vmesh.membership.machines import Hand, machine, member, others, run_until, sent
from vmesh.messages import ALIVE, DEAD, LEFT, SUSPECT, Ack, Join, Link, Ping, Rumour, Welcome
from vmesh.outputs import NameTaken
from vmesh.simulation import Simulation


@pytest.mark.parametrize(("old_life", "new_life"), [(1, 1), (5, 1), (1, 5)])
@pytest.mark.parametrize("size", [3, 12])
def test_the_newcomer_goes_and_the_first_one_stays(size, old_life, new_life):
    mesh = Simulation(seed=1)
    mesh.start(size, seeds=2)
    first = mesh.add("twin/0", ["10.0.0.0:7100", "10.0.0.1:7100"], incarnation=old_life)
    mesh.rounds(20)
    second = mesh.add("twin/0", ["10.0.0.0:7100", "10.0.0.1:7100"], incarnation=new_life)
    mesh.rounds(5)
    assert mesh.events(second, NameTaken) and not mesh.events(first, NameTaken)
    mesh.leave(second)
    mesh.rounds(30)
    assert len(mesh.links(first)) >= min(size, 4) - 1 and mesh.ring_errors() == 0
    assert all(first in mesh.links(other) for other in mesh.links(first))


@pytest.mark.parametrize("seed", range(5))
def test_of_two_that_start_together_exactly_one_stays(seed):
    mesh = Simulation(seed=seed)
    mesh.start(5)
    twins = [mesh.add("twin/0", ["10.0.0.0:7100", "10.0.0.1:7100"]) for _ in range(2)]
    mesh.rounds(10)
    assert sum(bool(mesh.events(twin, NameTaken)) for twin in twins) == 1


def test_two_that_met_only_after_a_partition():
    mesh = Simulation(seed=3)
    mesh.start(20, seeds=2)
    mesh.rounds(10)
    mesh.passes = lambda origin, to: origin % 2 == to % 2
    first = mesh.add("twin/0", ["10.0.0.0:7100", "10.0.0.1:7100"])
    mesh.rounds(10)
    second = mesh.add("twin/0", ["10.0.0.0:7100", "10.0.0.1:7100"])
    mesh.rounds(20)
    assert not mesh.events(first, NameTaken) and not mesh.events(second, NameTaken)
    mesh.passes = None
    mesh.rounds(60)
    assert mesh.events(second, NameTaken) and not mesh.events(first, NameTaken)


def test_stale_rumours_about_a_former_life_send_nobody_away():
    one = machine(incarnation=3, nonce=7)
    former = member("me", incarnation=9, nonce=6, address="elsewhere:1")
    outputs = []
    for state in (SUSPECT, ALIVE, DEAD, LEFT):
        outputs += one.receive(member("a"), Rumour(former, state, 2), 0.0)
    outputs += one.receive(member("a"), Welcome((former,)), 0.0)
    outputs += run_until(one, 20.0)
    assert not others(outputs, NameTaken)
    assert one.me.incarnation == 10  # and now it is heard again


def test_an_answer_counts_only_under_the_number_that_was_asked():
    one = machine(nonce=7)
    rival = member("me", nonce=6, address="elsewhere:1")
    ((address, ping),) = sent(one.receive(member("a"), Welcome((rival,)), 0.0), Ping)
    assert address == "elsewhere:1"
    old = [Ack(ping.sequence - 1, 10**9), Ack(0, 10**9), Ping(10**9, -1), Link(True), Join()]
    for message in old:
        assert not others(one.receive(rival, message, 0.1), NameTaken)
    assert others(one.receive(rival, Ack(ping.sequence, 10**9), 0.1), NameTaken)


def test_the_older_one_answers_and_tells_its_age():
    one = machine(nonce=7)
    run_until(one, 100.0)
    challenge = one.receive(member("me", nonce=6, address="elsewhere:1"), Ping(99, -1), 100.0)
    ((_, answer), *_) = sent(challenge, Ack)
    assert answer == Ack(99, 100_000)


def test_a_clock_that_jumped_makes_nobody_older():
    one = machine(nonce=7)
    run_until(one, 10.0)
    one.advance(3610.0)
    ((_, answer), *_) = sent(one.receive(member("me", nonce=6, address="elsewhere:1"), Ping(99, -1), 3610.0), Ack)
    assert answer.age < 12_000


def test_a_worker_restarted_at_its_address_is_welcome_at_once():
    """Neighbours still hold the life that was killed; a lost counter does not matter either."""
    for incarnation in (2, 1):
        seed = machine("seed")
        hand = Hand(seed)
        first = machine("w", seeds=["seed.test:1"], nonce=1)
        hand.machines[first.me.address] = first
        hand.carry(first, first.join(["seed.test:1"], 0.0))
        assert first.me in seed.active
        second = machine("w", nonce=2, incarnation=incarnation)
        hand.machines[second.me.address] = second
        hand.carry(second, second.join(["seed.test:1"], 1.0), 1.0)
        hand.carry(second, second.advance(2.0), 2.0)
        hand.carry(second, second.join(["seed.test:1"], 2.0), 2.0)
        assert second.me in seed.active and seed.me in second.active


def test_one_whose_name_was_taken_leaves_without_a_rumour():
    """A goodbye under the common name would bury the one that stays."""
    one = machine(nonce=7)
    one.receive(member("a"), Link(True), 0.0)
    ((_, ping),) = sent(one.receive(member("a"), Welcome((member("me", nonce=6, address="x:1"),)), 0.0), Ping)
    one.receive(member("me", nonce=6, address="x:1"), Ack(ping.sequence, 10**9), 0.0)
    assert not sent(one.leave(0.0), Rumour)


def test_its_own_messages_coming_back_mean_nothing():
    one = machine()
    for message in (Join(), Link(True), Ping(1, -1), Ack(1, 5)):
        assert one.receive(one.me, message, 0.0) == []
