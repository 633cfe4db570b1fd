"""Plans: as many as asked for, nothing that is well touched without need, no index twice."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vmesh.cloud import plan
from vmesh.cloud.instances import ALIVE, ENDED, Instance

BLANK = Instance("i", "node", 0, "c-0", "running", "", "", "a", "s", "t", "x86_64", "ami", "on-demand", 0.0)
STATES = st.sampled_from(["pending", "running", "running", "running", "stopping", "stopped", "shutting-down", "terminated"])
FLEETS = st.lists(st.tuples(st.none() | st.integers(0, 12), STATES, st.integers(0, 5)), max_size=15)


def fleet(rows):
    return [
        replace(BLANK, instance=f"i-{number}", index=index, state=state, launched=float(launched))
        for number, (index, state, launched) in enumerate(rows)
    ]


@given(FLEETS, st.integers(1, 12))
def test_after_the_plan_there_are_as_many_as_asked_for(rows, count):
    found = fleet(rows)
    made = plan.for_nodes(found, count)
    indexes = [*(one.index for one in made.kept), *made.missing]
    assert len(indexes) == len(set(indexes)) == count
    assert all(one.state in ALIVE for one in made.kept)
    untouched = {one.instance for one in made.kept} | {one.instance for one in made.ended}
    assert untouched | {one.instance for one in made.ending} == {one.instance for one in found}
    assert not untouched & {one.instance for one in made.ending}
    assert {one.state for one in made.ended} <= set(ENDED)
    assert not (made.missing and made.surplus), "nothing is ended to be launched again"
    if made.surplus:
        assert min(one.index for one in made.surplus) > max(one.index for one in made.kept)


@given(FLEETS, st.integers(1, 12))
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(rows, count):
    made = plan.for_nodes(fleet(rows), count)
    after = [*made.kept, *(replace(BLANK, instance=f"new-{index}", index=index) for index in made.missing)]
    assert not plan.for_nodes(after, count).changes


def test_a_gap_is_kept_when_there_are_enough():
    found = fleet([(0, "running", 0), (2, "running", 0), (3, "running", 0)])
    assert not plan.for_nodes(found, 3).changes
    assert plan.for_nodes(found, 4).missing == (1,)
    assert [one.index for one in plan.for_nodes(found, 1).surplus] == [3, 2]


def test_of_two_with_one_index_the_older_stays():
    made = plan.for_nodes(fleet([(0, "running", 5), (0, "running", 3)]), 1)
    assert [one.instance for one in made.kept] == ["i-1"] and [one.instance for one in made.dead] == ["i-0"]


@given(st.sets(st.integers(0, 99)), st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_shares_hold_everything_and_level_the_places(indexes, loads):
    dealt = plan.shares(sorted(indexes), loads)
    assert [index for share in dealt for index in share] == sorted(indexes)
    after = [load + len(share) for load, share in zip(loads, dealt, strict=True)]
    grown = [total for total, share in zip(after, dealt, strict=True) if share]
    assert not grown or max(grown) - min(after) <= 1
