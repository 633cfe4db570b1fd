"""Links stay few, are replaced when they are lost, and both ends agree about them."""

from tests.vmesh.membership.machines import machine, member, others, run_until, sent, with_neighbours
from vmesh.membership import Membership
from vmesh.messages import Link, LinkReply, Ping, Unlink, Welcome
from vmesh.outputs import LinkDown, LinkUp
from vmesh.settings import Membership as Settings
from vmesh.simulation import Simulation

FULL = ("a", "b", "c", "d", "e")


def names(members):
    return {one.name for one in members}


def test_a_full_worker_refuses_and_keeps_the_asker_in_mind():
    one = with_neighbours(*FULL)
    assert sent(one.receive(member("x"), Link(False), 0.0)) == [("x.test:1", LinkReply(False))]
    assert names(one.active) == set(FULL) and names(one.passive) == {"x"}


def test_an_urgent_link_takes_a_place_and_the_loser_is_told():
    one = with_neighbours(*FULL)
    outputs = one.receive(member("x"), Link(True), 0.0)
    (down,), (up,) = others(outputs, LinkDown), others(outputs, LinkUp)
    assert up.member.name == "x" and down.reason == "unlinked"
    assert (down.member.address, Unlink()) in sent(outputs) and ("x.test:1", LinkReply(True)) in sent(outputs)
    assert len(one.active) == 5 and down.member.name in names(one.passive)


def test_a_link_asked_for_twice_is_one_link():
    one = with_neighbours("a")
    outputs = one.receive(member("a"), Link(False), 0.0)
    assert sent(outputs) == [("a.test:1", LinkReply(True))] and not others(outputs, LinkUp)


def test_whoever_is_refused_asks_the_next_one():
    one = machine()
    asked = sent(one.receive(member("seed"), Welcome(tuple(member(f"w{i}") for i in range(30))), 0.0), Link)
    assert len(asked) == 5 and sum(message.urgent for _, message in asked) == 2
    name = asked[0][0].split(".")[0]
    again = sent(one.receive(member(name), LinkReply(False), 0.0), Link)
    assert len(again) == 1 and again[0][0] not in {address for address, _ in asked}


def test_refusals_do_not_make_it_ask_without_end():
    one = machine()
    asked = sent(one.receive(member("seed"), Welcome(tuple(member(f"w{i}") for i in range(34))), 0.0), Link)
    count = 0
    while asked:
        address, _ = asked.pop()
        count += 1
        asked += sent(one.receive(member(address.split(".")[0]), LinkReply(False), 0.0), Link)
    assert count <= 35


def test_a_lost_neighbour_is_replaced_at_once():
    one = with_neighbours(*FULL)
    for name in ("x", "y", "z"):
        one.receive(member(name), Link(False), 0.0)
    outputs = one.receive(member("a"), Unlink(), 0.0)
    assert [down.member.name for down in others(outputs, LinkDown)] == ["a"]
    ((address, _),) = sent(outputs, Link)
    assert address in ("x.test:1", "y.test:1", "z.test:1")


def test_one_side_believes_in_a_link_that_the_other_gave_up():
    """The Unlink was lost. The next ping tells."""
    one = with_neighbours("a")
    assert ("stranger.test:1", Unlink()) in sent(one.receive(member("stranger"), Ping(7, -1), 0.0))
    assert ("a.test:1", Unlink()) not in sent(one.receive(member("a"), Ping(7, -1), 0.0))


def test_an_acceptance_that_comes_too_late_and_finds_no_room_is_taken_back():
    one = with_neighbours(*FULL)
    assert sent(one.receive(member("x"), LinkReply(True), 0.0)) == [("x.test:1", Unlink())]
    assert names(one.active) == set(FULL)


def test_views_are_bounded_whatever_comes():
    settings = Settings(active_size=3, passive_size=7)
    one = machine(settings=settings)
    for i in range(300):
        one.receive(member(f"w{i}"), Link(i % 3 == 0), 0.0)
        one.receive(member(f"v{i}"), Welcome(tuple(member(f"u{i}-{j}") for j in range(20))), 0.0)
        assert len(one.active) <= 3 and len(one.active) + len(one.passive) <= 10


def test_links_are_exchanged_now_and_then():
    """So that the mesh stays well mixed: after a while few of the first neighbours are left."""
    mesh = Simulation(seed=3, membership=Settings(shuffle_interval=0.5, passive_size=15))
    mesh.start(40)
    mesh.rounds(10)
    before = [names(worker.machine.active) for worker in mesh.workers]
    mesh.rounds(40)
    kept = sum(len(names(worker.machine.active) & old) for worker, old in zip(mesh.workers, before, strict=True))
    assert kept < 0.8 * sum(map(len, before))
    assert mesh.linked(4) > 0.9


def test_both_ends_of_a_link_agree_in_the_end_although_messages_are_lost():
    mesh = Simulation(seed=4, loss=0.2)
    mesh.start(50)
    mesh.rounds(20)
    mesh.loss = 0.0
    mesh.rounds(30)
    for index in mesh.living():
        for other in mesh.links(index):
            assert index in mesh.links(other)


def test_outputs_tell_of_every_link_exactly_once():
    """Exchange keeps an account for each link: ups and downs must match what `active` says."""
    mesh = Simulation(seed=5, loss=0.1)
    mesh.start(40)
    mesh.rounds(10)
    mesh.kill(range(10))
    mesh.rounds(30)
    for index in mesh.living():
        believed = set()
        for event in mesh.workers[index].events:
            if isinstance(event, LinkUp):
                assert event.member.name not in believed
                believed.add(event.member.name)
            else:
                assert isinstance(event, LinkDown)
                believed.remove(event.member.name)
        assert believed == names(mesh.workers[index].machine.active)


def test_the_machine_has_the_interface_that_was_agreed():
    one = machine()
    assert isinstance(one, Membership) and one.active == () and one.passive == () and one.successor is None


def test_a_view_changes_its_size_while_the_worker_runs():
    """Neither waits for a link to be lost, or for the end of a long interval."""
    patient = Settings(ping_interval=3600.0, shuffle_interval=3600.0, ping_timeout=600.0)
    one = with_neighbours(*FULL, settings=patient)
    one.receive(member("seed"), Welcome((member("x"), member("y"))), 0.0)
    one.configure(Settings(active_size=2, ping_interval=1.0))
    outputs = run_until(one, 1.1)
    assert len(one.active) == 2 and len(others(outputs, LinkDown)) == 3
    assert sum(isinstance(message, Unlink) for _, message in sent(outputs)) == 3
    one.configure(Settings(active_size=7, ping_interval=1.0))
    assert sent(run_until(one, 2.4), Link)
