"""Hearsay makes a worker look for itself, and never more."""

from tests.vmesh.membership.machines import machine, member, others, sent, with_neighbours
from vmesh.messages import ALIVE, DEAD, LEFT, SUSPECT, Join, Link, Ping, Rumour, Shuffle, Welcome
from vmesh.outputs import LinkDown


def names(members):
    return {one.name for one in members}


def test_a_slandered_neighbour_is_asked_before_anything_happens():
    for state in (SUSPECT, DEAD, LEFT):
        one = with_neighbours("a", "b")
        outputs = one.receive(member("b"), Rumour(member("a"), state, 2), 0.0)
        assert [address for address, _ in sent(outputs, Ping)] == ["a.test:1"]
        assert names(one.active) == {"a", "b"} and one.suspects == ()
        assert sent(one.receive(member("b"), Rumour(member("a"), state, 2), 0.0)) == []  # once is enough


def test_a_goodbye_counts_at_once():
    one = with_neighbours("a", "b")
    outputs = one.receive(member("a"), Rumour(member("a"), LEFT, 2), 0.0)
    assert [(down.member.name, down.reason) for down in others(outputs, LinkDown)] == [("a", "left")]
    assert ("b.test:1", Rumour(member("a"), LEFT, 1)) in sent(outputs, Rumour)


def test_stale_rumours_change_nothing():
    one = with_neighbours("b")
    one.receive(member("a", incarnation=5), Link(True), 0.0)
    assert sent(one.receive(member("b"), Rumour(member("a", incarnation=4), DEAD, 2), 0.0)) == []
    one.receive(member("c", incarnation=5), Join(), 0.0)
    one.receive(member("b"), Rumour(member("c", incarnation=4), DEAD, 2), 0.0)
    assert "c" in names(one.passive)


def test_the_dead_do_not_come_back_by_hearsay_but_a_later_life_does():
    one = with_neighbours("b")
    one.receive(member("c"), Join(), 0.0)
    one.receive(member("b"), Rumour(member("c"), DEAD, 0), 0.0)
    one.receive(member("b"), Shuffle((member("c"),)), 0.0)
    assert "c" not in names(one.passive)
    one.receive(member("b"), Shuffle((member("c", incarnation=2),)), 0.0)
    assert "c" in names(one.passive)


def test_a_member_thought_dead_is_told_and_comes_back_with_a_link():
    one = with_neighbours("b")
    one.receive(member("c"), Join(), 0.0)
    one.receive(member("b"), Rumour(member("c"), DEAD, 0), 0.0)
    assert sent(one.receive(member("c"), Ping(1, -1), 0.0)) == [("c.test:1", Rumour(member("c"), DEAD, 0))]
    back = member("c", incarnation=2)
    assert ("c.test:1", Link(True)) in sent(one.receive(back, Rumour(back, ALIVE, 0), 0.0))


def test_a_returning_worker_whose_counter_was_lost_comes_back_all_the_same():
    """It starts with incarnation 1 again; those who buried 7 tell it."""
    seed = machine("seed")
    seed.receive(member("w", incarnation=7), Join(), 0.0)
    seed.receive(member("w", incarnation=7), Rumour(member("w", incarnation=7), LEFT, 0), 0.0)
    back = machine("w", seeds=["seed.test:1"], nonce=99)
    ((_, rumour),) = sent(seed.receive(back.me, Join(), 0.0))
    outputs = back.receive(seed.me, rumour, 0.0)
    assert back.me.incarnation == 8 and ("seed.test:1", Join()) in sent(outputs)
    assert sent(seed.receive(back.me, Join(), 0.0), Welcome)


def test_news_travels_only_as_far_as_it_is_news():
    one = with_neighbours("a", "b", "c")
    outputs = one.receive(member("a"), Rumour(member("new"), ALIVE, 2), 0.0)
    assert set(sent(outputs)) == {(f"{name}.test:1", Rumour(member("new"), ALIVE, 1)) for name in "bc"}
    assert sent(one.receive(member("b"), Rumour(member("new"), ALIVE, 2), 0.0)) == []
    assert sent(one.receive(member("b"), Rumour(member("new2"), ALIVE, 0), 0.0)) == []
    assert sent(one.receive(member("b"), Rumour(member("never-seen"), DEAD, 2), 0.0)) == []


def test_rumours_with_any_number_of_hops_end():
    one = with_neighbours("a", "b")
    assert all(message.hops <= 2 for _, message in sent(one.receive(member("a"), Rumour(member("x"), ALIVE, 255), 0.0)))


def test_nobody_can_be_talked_up_to_where_no_later_incarnation_is_left():
    one = with_neighbours("a")
    for claimed in (2**63, 2**64 - 1):
        one.receive(member("a"), Rumour(member("me", incarnation=claimed), DEAD, 0), 0.0)
        one.receive(member("a"), Ping(1, claimed), 0.0)
        one.receive(member("a"), Rumour(member("x", incarnation=claimed), ALIVE, 0), 0.0)
    assert one.me.incarnation == 1 and one.passive == ()


def test_an_expelled_member_stays_out_and_a_later_process_of_that_name_may_come():
    one = with_neighbours("a", "b", "c")
    outputs = one.expel("a", 0.0)
    assert [(down.member.name, down.reason) for down in others(outputs, LinkDown)] == [("a", "expelled")]
    later = member("a", incarnation=9)
    for message in (Join(), Link(True), Ping(1, -1), Rumour(later, ALIVE, 2)):
        assert sent(one.receive(later, message, 0.0)) == []
    one.receive(member("b"), Shuffle((later,)), 0.0)
    assert "a" not in names((*one.active, *one.passive)) and (one.successor is None or one.successor.name != "a")
    other = member("a", incarnation=10, nonce=12345)  # with a key that is allowed, or it would not be heard
    one.receive(other, Link(True), 0.0)
    assert other in one.active


def test_expelling_somebody_unknown_keeps_him_out():
    one = with_neighbours("b")
    assert one.expel("x", 0.0) == []
    assert one.receive(member("x"), Link(True), 0.0) == []
    one.receive(member("b"), Welcome((member("x"),)), 0.0)
    assert "x" not in names((*one.active, *one.passive))


def test_nobody_can_be_talked_up_to_where_it_is_not_heard_any_more():
    """One message of one peer would otherwise shut a worker out for the rest of its life."""
    one = with_neighbours("a", "b")
    for claimed in (2**63 - 2, 2**63 - 1, 2**63):
        one.receive(member("a"), Ping(1, claimed), 0.0)
        one.receive(member("a"), Rumour(member("me", incarnation=claimed), DEAD, 2), 0.0)
    other = machine("other")
    other.receive(member("x"), Welcome((member("me"),)), 0.0)
    for claimed in (2**63 - 2, 2**63 - 1):
        other.receive(member("x"), Rumour(member("me", incarnation=claimed), DEAD, 2), 0.0)
    other.receive(one.me, Link(True), 0.0)
    assert "me" in names(other.active)
