"""Immigrants that call what is not held here: it is asked for, of the sender and then of others, and never for ever."""

from random import Random

import pytest

from tests.vmesh.exchange.world import COLUMNS, World, id_of, member, organism, record_of
from vgp import genome
from vmesh.exchange import records, waiting
from vmesh.exchange.waiting import WaitingRoom
from vmesh.messages import Emigrants, Supply, Want

LEAF = organism(50)
MIDDLE = organism(40, id_of(LEAF))
TOP = organism(3, id_of(MIDDLE))
CHAIN = (LEAF, MIDDLE, TOP)


def calling(names="ab", **settings):
    """The first worker's best calls others that do not live themselves."""
    world = World(names, references="ask", **settings)
    for body in CHAIN:
        world["a"].population.add(body, alive=body is TOP)
    return world


def test_what_is_called_is_asked_for_and_comes_in_with_its_callers_only():
    world = calling()
    world.run(1)
    assert id_of(TOP) in world["b"].population.alive
    assert world["b"].population.evaluated == [id_of(TOP)]
    assert world["b"].population.held.keys() == {id_of(body) for body in CHAIN}
    assert len(world.messages(Want, "b")) == 1 and not rejected(world, "b")


def rejected(world, name):
    return {reason: n for reason, n in world[name].exchange.counters.rejected.items() if n}


@pytest.mark.parametrize("seed", range(5))
def test_losses_only_delay_it(seed):
    world = calling(loss=0.4, copies=0.2, delay=0.3, seed=seed, patience=0.5)
    world.run(120)
    assert id_of(TOP) in world["b"].population.alive


def test_others_are_asked_when_the_sender_is_gone():
    world = calling("abc", patience=1.0)
    for body in CHAIN:
        world["c"].population.add(body, alive=False)
    stranger = member("x/0")
    world.post(world["b"], world["b"].exchange.receive(stranger, Emigrants(1, COLUMNS, record_of(TOP)), 0.0))
    world.kill("a")
    world.run(4)
    assert id_of(TOP) in world["b"].population.alive


def test_it_is_given_up_when_nobody_has_it():
    world = World("bc", patience=1.0)
    b = world["b"]
    world.post(b, b.exchange.receive(member("x/0"), Emigrants(1, COLUMNS, record_of(TOP)), 0.0))
    assert b.exchange.status()["waiting"] == 1
    world.run(15)
    status = b.exchange.status()
    assert status["waiting"] == status["credits_used"] == 0 and rejected(world, "b") == {"incomplete": 1}
    assert len(world.messages(Want, "b")) <= waiting.QUESTIONS_MOST


def test_callees_that_are_held_are_not_asked_for():
    world = calling()
    for body in (LEAF, MIDDLE):
        world["b"].population.add(body, alive=False)
    world.run(1)
    assert id_of(TOP) in world["b"].population.alive and not world.messages(Want)


def test_a_closure_too_large_for_a_message_comes_in_pieces():
    leaves = [organism(1000 + i) for i in range(60)]
    callers = [organism(100 + k, *map(id_of, leaves[10 * k : 10 * k + 10])) for k in range(6)]
    top = organism(3, *map(id_of, callers))
    world = World("ab", limit=600, patience=1.0)
    for body in (*leaves, *callers, top):
        world["a"].population.add(body, alive=body is top)
    world.run(10)
    assert id_of(top) in world["b"].population.alive
    sizes = [len(message.record) for kind in (Emigrants, Supply) for message in world.messages(kind)]
    assert max(sizes) <= 600


def test_an_answer_brings_nothing_in_that_was_not_called():
    world = World("ab", patience=1.0)
    b = world["b"]
    world.post(b, b.exchange.receive(world["a"].me, Emigrants(1, COLUMNS, record_of(TOP)), 0.0))
    world.post(b, b.exchange.advance(0.0, b.peers))
    extra = [organism(7000 + i) for i in range(5)]
    b.exchange.receive(world["a"].me, Supply((1, 2), record_of(LEAF, MIDDLE, *extra)), 0.0)
    _, record = b.population.inbox[0]
    assert set(genome.decode_bundle(record).ids.tolist()) == {id_of(body) for body in CHAIN}


def test_a_garbled_answer_is_asked_for_again():
    world = calling("ab", patience=100.0)
    b, stranger = world["b"], world["a"].me
    b.exchange.receive(stranger, Emigrants(1, COLUMNS, record_of(TOP)), 0.0)
    asked = b.exchange.advance(0.0, b.peers)
    b.exchange.receive(stranger, Supply((), b"garbage"), 0.0)
    assert Want in [type(o.message) for o in asked]
    assert Want in [type(o.message) for o in b.exchange.advance(0.0, b.peers)]


def room(most=3, most_bytes=10_000):
    return WaitingRoom(most, most_bytes, 1.0, Random(1))


SENDER, OTHER = ("s", 1), ("o", 2)


def test_the_room_is_bounded():
    crowded = room()
    assert [crowded.enter(i, record_of(TOP), SENDER, [1], 0.0) for i in range(5)] == [True] * 3 + [False] * 2
    assert not room(most_bytes=50).enter(1, bytes(51), SENDER, [1], 0.0)
    assert not room().enter(1, record_of(TOP), SENDER, range(1, 10_000), 0.0)


def test_one_question_at_a_time_and_all_in_it():
    crowded = room()
    crowded.enter(1, record_of(TOP), SENDER, [7, 8], 0.0)
    crowded.enter(2, record_of(TOP), SENDER, [8, 9], 0.0)
    assert crowded.advance([OTHER], 0.0) == ([(SENDER, (7, 8, 9))], [])
    crowded.enter(3, record_of(TOP), SENDER, [10], 0.0)
    assert crowded.advance([OTHER], 0.5) == ([], [])


def test_a_peer_that_says_no_is_not_asked_again_and_a_silent_one_last():
    crowded = room()
    crowded.enter(1, record_of(TOP), SENDER, [id_of(MIDDLE)], 0.0)
    asked = []
    for now in range(20):
        questions, given_up = crowded.advance([OTHER], float(now))
        asked += [peer for peer, _ in questions]
        if OTHER in [peer for peer, _ in questions]:
            assert crowded.answer(OTHER, genome.decode_bundle(records.nothing()), lambda record: []) == []
        if given_up:
            break
    assert asked == [SENDER, OTHER, SENDER, SENDER] and given_up == [1] and not len(crowded)


def test_supplies_that_never_end_are_given_up():
    """A peer invents an endless chain of calls."""
    crowded = room(most_bytes=2_000)
    crowded.enter(1, record_of(TOP), SENDER, [id_of(MIDDLE)], 0.0)
    for step in range(200):
        _, given_up = crowded.advance([], step * 0.1)
        if given_up:
            break
        crowded.answer(SENDER, genome.decode_bundle(record_of(MIDDLE), open=True), lambda record: [id_of(MIDDLE), 5])
        assert crowded.size <= 2_000
    assert given_up == [1] and crowded.size == 0
