"""The simulated mesh is what it claims to be: the same from the same seed, lossy as told, and counted in real bytes."""

import pytest

from vmesh.codec import encode
from vmesh.message_sizes import MessageSizes
from vmesh.messages import Ack, Member, Ping, Predecessor, Shuffle
from vmesh.simulation import Simulation


def story(seed):
    mesh = Simulation(seed=seed, loss=0.05)
    mesh.start(30)
    mesh.rounds(10)
    mesh.kill([3])
    mesh.rounds(10)
    return [(worker.messages_sent, worker.bytes_sent, worker.machine.active) for worker in mesh.workers]


def test_the_same_seed_gives_the_same_run():
    assert story(1) == story(1) != story(2)


def test_the_dead_are_silent_and_what_is_lost_does_not_arrive():
    mesh = Simulation(seed=1, loss=1.0)
    mesh.start(5)
    mesh.rounds(10)
    assert mesh.largest_part() == 0.2 and all(not worker.machine.active for worker in mesh.workers)
    mesh.kill([0])
    before = mesh.workers[0].messages_sent
    mesh.rounds(10)
    assert mesh.workers[0].messages_sent == before


def test_an_onlooker_sees_what_is_wrong():
    mesh = Simulation(seed=1)
    mesh.start(10)
    mesh.rounds(10)
    assert mesh.largest_part() == 1.0 and mesh.ring_errors() == 0 and mesh.linked(4) == 1.0 and mesh.stale() == 0.0
    mesh.kill(range(5))
    assert mesh.ring_errors() > 0 and mesh.linked(4) < 1.0


@pytest.mark.parametrize("number", [0, 1, 8])
def test_sizes_are_those_of_the_encoding(number):
    me = Member("host-1/2", "10.0.0.1:7100", 1, 2**63, "10.0.0.1:7101")
    sizes = MessageSizes()
    for message in (Ping(5, -1), Ack(5), Shuffle((me,) * number), Predecessor(me, (me,) * number)):
        assert sizes.of(me, message) == sizes.of(me, message) == len(encode(me, message))
