"""The dead are found, the living are left alone, and a pause of one's own is nobody else's fault."""

import pytest

from tests.vmesh.membership.machines import member, others, run_until, sent, with_neighbours
from vmesh.messages import (
    ALIVE,
    DEAD,
    LEFT,
    SUSPECT,
    Ack,
    IndirectAck,
    IndirectPing,
    Notify,
    Ping,
    Predecessor,
    Rumour,
    Shuffle,
    ShuffleReply,
)
from vmesh.outputs import LinkDown
from vmesh.settings import Membership as Settings
from vmesh.simulation import Simulation

S = Settings()
FOUND_BY = 2 * S.ping_interval + 3 * S.ping_timeout + S.suspicion_time  # by a worker with one neighbour


def answering(*names):
    """Answers the pings of those named, as they would."""

    def answer(address, message):
        name = address.split(".")[0]
        if name not in names:
            return []
        if isinstance(message, Notify):
            return [(member(name), Notify()), (member(name), Predecessor(member(name)))]
        if isinstance(message, Shuffle):
            return [(member(name), ShuffleReply(()))]
        return [(member(name), Ack(message.sequence))] if isinstance(message, Ping) else []

    return answer


def test_a_silent_neighbour_is_asked_for_suspected_and_declared_dead():
    one = with_neighbours("silent", "a", "b")
    outputs = run_until(one, 3 * S.ping_interval + FOUND_BY, answering("a", "b"))
    assert {address for address, _ in sent(outputs, IndirectPing)} == {"a.test:1", "b.test:1"}
    told = [(address, message.state) for address, message in sent(outputs, Rumour)]
    assert ("silent.test:1", SUSPECT) in told and ("a.test:1", SUSPECT) in told and ("a.test:1", DEAD) in told
    assert [(down.member.name, down.reason) for down in others(outputs, LinkDown)] == [("silent", "dead")]


def test_neighbours_that_answer_are_never_suspected():
    one = with_neighbours("a", "b", "c")
    outputs = run_until(one, 100.0, answering("a", "b", "c"))
    assert not sent(outputs, Rumour) and not others(outputs, LinkDown)


@pytest.mark.parametrize("size", [1, 4, 20])
def test_pings_cost_the_same_however_many_neighbours_there_are(size):
    names = [f"n{i}" for i in range(size)]
    one = with_neighbours(*names, settings=Settings(active_size=20))
    pings = sent(run_until(one, 100.0, answering(*names)), Ping)
    assert 90 <= len(pings) <= 115  # one in a round, and now and then one to the predecessor on the ring


def test_a_suspect_is_told_and_a_sign_of_life_ends_it():
    one = with_neighbours("a", "b")
    while not one.suspects:
        run_until(one, one.next_timer(), answering("b"))
    (suspect,) = one.suspects
    pings = sent(run_until(one, one.next_timer() + 1.2, answering("b")), Ping)
    assert any(address == "a.test:1" and message.suspected == suspect.incarnation for address, message in pings)
    one.receive(member("a", incarnation=2), Ack(0), one.next_timer())
    assert one.suspects == () and member("a", incarnation=2) in one.active


def test_the_suspect_objects_with_a_later_incarnation():
    one = with_neighbours("a")
    ((_, answer), *_) = sent(one.receive(member("a"), Ping(5, 1), 0.0), Ack)
    assert answer.sequence == 5 and one.me.incarnation == 2
    told = sent(one.receive(member("a"), Rumour(one.me, SUSPECT, 0), 0.0), Rumour)
    assert one.me.incarnation == 3 and ("a.test:1", Rumour(one.me, ALIVE, 1)) in told


@pytest.mark.parametrize("jump", [1.0, 10.0, 3600.0, 1e9])
def test_a_clock_that_jumps_makes_nobody_a_suspect(jump):
    """The process was stopped, or the machine slept: answers wait in the queue, or are still to come."""
    one = with_neighbours("a", "b", "c")
    run_until(one, 20.0, answering("a", "b", "c"))
    outputs = one.advance(20.0 + jump)
    outputs += run_until(one, 20.0 + jump + 50.0, answering("a", "b", "c"))
    assert not sent(outputs, Rumour) and not others(outputs, LinkDown) and len(one.active) == 3


@pytest.mark.parametrize("jump", [1.0, 3600.0])
def test_a_jump_while_an_answer_is_awaited(jump):
    one = with_neighbours("a")
    while not sent(one.advance(one.next_timer()), Ping):
        pass
    now = one.next_timer() + jump
    assert not others(one.advance(now), LinkDown)
    assert one.suspects == ()
    outputs = run_until(one, now + 20, answering("a"))
    assert not sent(outputs, Rumour) and one.suspects == ()


def test_a_clock_that_jumps_does_not_delay_the_finding_of_the_dead():
    one = with_neighbours("a")
    run_until(one, 10.0, answering("a"))
    one.advance(3610.0)
    assert others(run_until(one, 3610.0 + FOUND_BY + 1), LinkDown)


def test_a_worker_pings_for_another_and_passes_the_answer_on():
    one = with_neighbours("a")
    ((address, ping),) = sent(one.receive(member("a"), IndirectPing(77, member("far")), 0.0))
    assert address == "far.test:1"
    assert sent(one.receive(member("liar"), Ack(ping.sequence), 0.0), IndirectAck) == []
    assert sent(one.receive(member("far"), Ack(ping.sequence), 0.0)) == [("a.test:1", IndirectAck(77, member("far")))]
    assert sent(one.receive(member("far"), Ack(ping.sequence), 0.0)) == []


def test_pings_for_others_are_bounded():
    one = with_neighbours("a")
    count = sum(len(sent(one.receive(member("a"), IndirectPing(i, member(f"far{i}")), 0.0))) for i in range(1000))
    assert count == 64


def test_a_neighbour_reached_only_through_others_is_kept_alive_but_replaced():
    """One direction of the way is broken: it is not dead, but the link is of no use."""
    one = with_neighbours("broken", "a", "b")

    def answer(address, message):
        if isinstance(message, IndirectPing) and address == "a.test:1":
            return [(member("a"), IndirectAck(message.sequence, message.target))]
        return answering("a", "b")(address, message)

    outputs = run_until(one, 20.0, answer)
    assert not sent(outputs, Rumour)
    assert [(down.member.name, down.reason) for down in others(outputs, LinkDown)] == [("broken", "unlinked")]


def test_one_way_loss_buries_nobody():
    mesh = Simulation(seed=6)
    mesh.start(20)
    mesh.rounds(10)
    mesh.passes = lambda origin, to: not (origin == 3 and to % 2)  # worker 3 reaches only even ones
    mesh.rounds(60)
    assert mesh.largest_part() == 1.0 and len(mesh.links(3)) >= 2
    assert not [
        event for worker in mesh.workers for event in worker.events if isinstance(event, LinkDown) and event.reason == "dead"
    ]


@pytest.mark.parametrize("loss", [0.02, 0.1])
def test_lost_messages_kill_nobody(loss):
    mesh = Simulation(seed=7, loss=loss)
    mesh.start(50)
    mesh.rounds(100)
    assert not [
        event for worker in mesh.workers for event in worker.events if isinstance(event, LinkDown) and event.reason == "dead"
    ]
    assert mesh.largest_part() == 1.0


def test_the_dead_are_forgotten_everywhere_in_a_small_mesh():
    mesh = Simulation(seed=8)
    mesh.start(20)
    mesh.rounds(10)
    mesh.kill([0, 5, 9])
    mesh.rounds(40)
    dead = {mesh.workers[i].machine.me.name for i in (0, 5, 9)}
    for index in mesh.living():
        machine = mesh.workers[index].machine
        assert not dead & {one.name for one in (*machine.active, *machine.passive)}
    assert mesh.ring_errors() == 0


def test_leaving_is_known_to_all_within_a_round():
    mesh = Simulation(seed=9)
    mesh.start(20)
    mesh.rounds(10)
    mesh.leave(4)
    mesh.rounds(1)
    for index in mesh.living():
        machine = mesh.workers[index].machine
        assert mesh.workers[4].machine.me.name not in {one.name for one in (*machine.active, *machine.passive)}
    reasons = [event.reason for worker in mesh.workers for event in worker.events if isinstance(event, LinkDown)]
    assert "left" in reasons and "dead" not in reasons


def test_after_leaving_it_is_silent():
    one = with_neighbours("a", "b")
    farewell = one.leave(1.0)
    assert {(address, message.state) for address, message in sent(farewell, Rumour)} == {("a.test:1", LEFT), ("b.test:1", LEFT)}
    assert one.active == () and one.receive(member("a"), Ping(1, -1), 1.0) == [] and one.advance(10.0) == []


@pytest.mark.parametrize("pause", [3.0, 30.0])
def test_a_worker_that_was_stopped_for_a_while_is_taken_back(pause):
    """Others may have declared it dead; it hears of that and comes back in a later incarnation."""
    mesh = Simulation(seed=10)
    mesh.start(20)
    mesh.rounds(10)
    mesh.kill([4])
    mesh.run(pause)
    mesh.wake(4)
    mesh.rounds(30)
    assert len(mesh.links(4)) >= 4 and mesh.ring_errors() == 0
    assert all(4 in mesh.links(other) for other in mesh.links(4))
