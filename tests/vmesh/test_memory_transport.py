"""The network in memory does what tests of protocols ask of it, and the same twice."""

from math import inf
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from vmesh.memory_transport import MemoryNetwork, Quality
from vmesh.transport import Received, Transport


def pair(quality=None, **options):
    network = MemoryNetwork(Random(1), quality, **options)
    return network, network.transport("a:1", "key of a"), network.transport("b:1")


def received(end):
    return [int(one.payload) for one in iter(end.receive, None)]


def send_all(end, address, numbers):
    return [end.send(address, b"%d" % number) for number in numbers]


def test_it_is_a_transport():
    _, a, _ = pair()
    end: Transport = a
    assert end.address == "a:1"


def test_a_message_arrives_when_its_time_has_come_with_the_senders_key():
    network, a, b = pair(Quality(delay=(0.5, 0.5)))
    assert a.send("b:1", b"hello")
    network.advance(0.4)
    assert b.receive() is None
    assert network.next_arrival() == 0.5
    network.advance_to(0.5)
    assert b.receive() == Received(b"hello", "key of a")
    assert b.receive() is None and network.next_arrival() == inf


def test_messages_keep_their_order_unless_reordering_is_asked_for():
    network, a, b = pair(Quality(delay=(0.0, 1.0)))
    send_all(a, "b:1", range(50))
    network.advance(1.0)
    assert received(b) == list(range(50))
    network.set_quality("a:1", "b:1", Quality(delay=(0.0, 1.0), reordering=0.3))
    send_all(a, "b:1", range(50))
    network.advance(2.0)
    held_up = received(b)
    assert sorted(held_up) == list(range(50)) and held_up != sorted(held_up)


def test_losses_and_copies_come_as_often_as_asked_for():
    network, a, b = pair(Quality(loss=0.25, duplication=0.5), queue=10_000)
    assert all(send_all(a, "b:1", range(4000)))
    network.advance(0)
    arrived = received(b)
    assert 2850 < len(set(arrived)) < 3150
    assert 1350 < len(arrived) - len(set(arrived)) < 1650


def test_nothing_is_queued_beyond_the_bound_and_a_slow_receiver_costs_others_nothing():
    network, a, b = pair(queue=8)
    c = network.transport("c:1")
    network.slow_down("b:1", 1.0)
    assert send_all(a, "b:1", range(12)) == [True] * 8 + [False] * 4
    assert send_all(a, "c:1", range(8)) == [True] * 8
    network.advance(0)
    assert received(c) == list(range(8))
    assert received(b) == [0]
    network.advance(1.0)
    assert received(b) == [1]
    assert send_all(a, "b:1", (12, 13, 14)) == [True, True, False]


def test_partitions_and_one_way_loss_end():
    network, a, b = pair()
    network.partition(["a:1"], ["b:1"])
    assert a.send("b:1", b"1")
    network.heal()
    network.cut("a:1", "b:1")
    a.send("b:1", b"2")
    b.send("a:1", b"3")
    network.mend("a:1", "b:1")
    a.send("b:1", b"4")
    network.advance(0)
    assert received(b) == [4]
    assert received(a) == [3]


def test_a_dead_worker_swallows_messages_and_its_successor_starts_empty():
    network, a, b = pair(queue=4)
    send_all(a, "b:1", range(4))
    network.advance(0)
    b.close()
    assert not b.send("a:1", b"1")
    for _ in range(10):
        assert a.send("b:1", b"5")
        network.advance(0)
    again = network.transport("b:1")
    a.send("b:1", b"6")
    network.advance(0)
    assert received(again) == [6]


def test_forget_drops_what_is_under_way():
    network, a, b = pair(Quality(delay=(1.0, 1.0)), queue=2)
    send_all(a, "b:1", (1, 2))
    a.forget("b:1")
    assert a.send("b:1", b"3")
    network.advance(1)
    assert received(b) == [3]


CALLS = st.lists(st.tuples(st.sampled_from(["send", "advance", "receive"]), st.integers(0, 2), st.integers(0, 2)), max_size=80)
WORST = Quality(loss=0.2, duplication=0.2, reordering=0.3, delay=(0.0, 2.0))


@given(st.integers(0, 2**32), CALLS)
def test_the_same_calls_have_the_same_course_and_queues_stay_bounded(seed, calls):
    def course():
        network = MemoryNetwork(Random(seed), WORST, queue=5)
        ends = [network.transport(f"n:{number}") for number in range(1, 4)]
        log = []
        for number, (call, one, other) in enumerate(calls):
            if call == "send":
                log.append(ends[one].send(ends[other].address, b"%d" % number))
            elif call == "receive":
                log.append(ends[one].receive())
            network.advance(one if call == "advance" else 0)
            assert all(0 <= way.queued <= 5 for way in network._ways.values())
        return log

    assert course() == course()
