"""Who stands in the table, in which order, and which columns fit."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.top.scenes import figures, made_up, scene
from vmesh.drawing.cells import plain
from vmesh.top import figures as texts
from vmesh.top.columns import COLUMNS, ORDERS
from vmesh.top.listing import matching, members, ordered
from vmesh.top.table import fitting, heading_at, table


def names(listed):
    return [member.name for member in listed]


def test_numbers_sort_as_numbers_and_what_is_not_known_stands_last():
    told = [figures(name, best_loss=loss) for name, loss in (("a/10", 3.0), ("a/2", math.nan), ("a/1", 1.0))]
    known = members(scene(told, {"b/0": "gone"}).view)
    assert names(known) == ["a/1", "a/2", "a/10", "b/0"]
    assert names(ordered(known, "best", False)) == ["a/1", "a/10", "a/2", "b/0"]
    assert names(ordered(known, "best", True)) == ["a/10", "a/1", "a/2", "b/0"]
    assert names(ordered(known, "worker", True)) == ["b/0", "a/10", "a/2", "a/1"]
    for order in ORDERS:
        assert sorted(names(ordered(known, order, True))) == sorted(names(known))


def test_filters_match_names_and_states():
    known = members(scene([figures("a/1"), figures("a/2", state="paused"), figures("b/1")]).view)
    assert names(matching(known, "A/")) == ["a/1", "a/2"]
    assert names(matching(known, "paus a")) == ["a/2"]
    assert names(matching(known, "")) == names(known) and matching(known, "c") == []


@given(st.integers(1, 300), st.integers(1, 40))
def test_columns_that_fit(columns, name):
    shown = fitting(columns, name)
    assert shown[0] is COLUMNS[0] and [column for column in COLUMNS if column in shown] == shown
    assert len(shown) == 1 or name + sum(column.width + 1 for column in shown[1:]) <= columns
    assert set(shown) <= set(fitting(columns + 1, name))


def test_all_columns_fit_a_wide_terminal_and_texts_their_columns():
    shown = made_up(2, 4)
    assert len(fitting(180, 10)) == len(COLUMNS)
    for member in shown.members:
        for column in COLUMNS[1:]:
            assert len(column.text(member, shown.trends)) <= column.width, column.name


def test_headings_can_be_pointed_at():
    shown = made_up(1, 2, order="best")
    heading = plain(table(shown, 120, 5)[0])
    assert heading_at(shown, 120, heading.index("state")) == "state"
    assert heading_at(shown, 120, heading.index("best loss▲")) == "best"
    assert heading_at(shown, 120, 0) == "worker" and heading_at(shown, 120, 119) is None


def test_figures_as_short_texts():
    sizes = {0: "0", 999: "999", 1023: "0.999K", 2048: "2K", 1.5 * 2**20: "1.5M", 2**40: "1T", math.nan: "-"}
    assert [texts.size(n) for n in sizes] == list(sizes.values())
    assert [texts.time(n) for n in (7, 3723, 90_000, math.inf)] == ["0:07", "1:02:03", "1d01h", "-"]
    assert [texts.r2(x) for x in (0.5, 0.99987, 0.999999998, 1.0, -1e5, None)] == ["0.500", "0.99987", "1-2e-9", "1", "-1e+05", "-"]
    assert [texts.rate(x) for x in (0, 0.25, 12, math.nan)] == ["0", "0.2", "12", "-"]
    assert texts.plural(1, "worker") == "1 worker" and texts.plural(0, "worker") == "0 workers"
