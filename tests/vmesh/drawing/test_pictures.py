"""Sparklines, bars and charts: what they show, and that they keep to their size with any numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh.drawing.bars import bar, columns
from vmesh.drawing.cells import width
from vmesh.drawing.charts import LEAST_HEIGHT, LEAST_WIDTH, chart
from vmesh.drawing.sparklines import area, logarithms, sparkline, thinned

NAN, INF = math.nan, math.inf
NUMBERS = st.lists(st.floats(), max_size=60)


def test_a_sparkline_goes_from_the_least_to_the_most():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([1, 2, 9], 2) == "▁█"  # the last ones
    assert sparkline([5, NAN, 7], 5) == "  ▁ █"
    assert sparkline([3, 3], 2) == "▁▁"
    assert sparkline([4, 8], 2, low=0) == "▅█"
    assert sparkline([], 3) == "   " and sparkline([1], 0) == ""


def test_an_area_has_its_highest_row_first():
    assert area([0, 15], 2, 2) == [" █", "▁█"]


@given(NUMBERS, st.integers(0, 30), st.integers(1, 5))
def test_any_numbers_make_an_area_of_its_size(values, wide, height):
    rows = area(values, wide, height)
    assert len(rows) == height and all(len(row) == wide for row in rows)


@given(NUMBERS, st.integers(1, 20))
def test_thinning_keeps_the_range(values, wide):
    values = [value for value in values if math.isfinite(value)]
    few = thinned(values, wide)
    assert len(few) == min(len(values), wide)
    for value in few:
        near = [math.isclose(value, end, abs_tol=1e-300) for end in (min(values), max(values))]  # halves of the least numbers are 0
        assert min(values) <= value <= max(values) or any(near)


def test_losses_are_looked_at_by_their_logarithm():
    logs = logarithms([100.0, 1.0, 0.0, NAN, -1.0, INF])
    assert logs[:3] == [2.0, 0.0, 0.0] and all(map(math.isnan, logs[3:]))


BARS = [(0, "    "), (1, "████"), (0.5, "██  "), (0.53125, "██▏ "), (7, "████"), (NAN, "    ")]


@pytest.mark.parametrize(("share", "drawn"), BARS)
def test_bars(share, drawn):
    assert bar(share, 4) == drawn


def test_a_histogram_fills_its_width_and_leaves_empty_bins_empty():
    assert columns([1, 0, 8], 6, 1) == ["▂▂  ██"]
    assert columns([1, 1, 1, 1], 2, 1) == ["██"]
    assert columns([], 3, 2) == columns([0, 0], 3, 2) == ["   ", "   "]


@given(st.lists(st.integers(0, 2**64), max_size=70), st.integers(0, 80), st.integers(0, 5))
def test_any_histogram_has_its_size(counts, wide, height):
    rows = columns(counts, wide, height)
    assert len(rows) == height and all(len(row) == wide for row in rows)


def test_a_chart_goes_down_where_its_curve_does():
    rows = chart([0, 1, 2], [4, 2, 1], 40, 8, "{:g}".format, "{:g}s".format, logarithmic=True)
    assert len(rows) == 8
    assert [row.split(" ┤")[0] for row in rows[:6]] == ["4", " ", "2", " ", " ", "1"]
    assert rows[0].split("┤")[1][0] != " " and rows[5][-1] != " " and rows[5].split("┤")[1][0] == " "
    assert rows[-1].split() == ["0s", "2s"]
    assert chart([0], [1], 40, 8, str, str) == [] == chart([0, 1], [0, NAN], 40, 8, str, str, logarithmic=True)


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=30), st.integers(-3, 90), st.integers(-3, 20), st.booleans())
def test_any_curve_makes_a_chart_of_its_size(points, wide, height, logarithmic):
    times, values = sorted(when for when, _ in points if not math.isnan(when)), [value for _, value in points]
    values = values[: len(times)]
    rows = chart(times, values, wide, height, "{:.4g}".format, "{:.4g}".format, logarithmic)
    assert len(rows) in (0, max(height, LEAST_HEIGHT))
    assert all(width(row) <= max(wide, LEAST_WIDTH) for row in rows)
