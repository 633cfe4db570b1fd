"""What the console draws from what workers answer, and that nothing they answer breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vgp.errors import InputError
from vmesh.admin.pictures import ago, curve_named, history_chart, population
from vmesh.errors import AdminError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=5) | st.dictionaries(st.sampled_from(["edges", "counts", "time", "pace"]), part),
    max_leaves=12,
)


def test_a_chart_of_a_history():
    history = {"time": [0.0, 50.0, 100.0], "best_loss": [10.0, None, 0.1], "pace": [5.0, 4000.0, 3000.0], "living": [1, 2, 3]}
    rows = history_chart("host/0", "loss", history, 60, 100.0)
    assert rows[0] == "host/0: best loss, logarithmic; now 0.1"
    assert rows[1].strip().startswith("10 ┤") and rows[-3].strip().startswith("0.1 ┤")
    assert rows[-1].split("  ")[-1].strip() == "now" and "100 s ago" in rows[-1]
    assert history_chart("host/0", "pace", history, 60, 100.0)[0] == "host/0: evaluations per second; now 3k"
    assert "now 3" in history_chart("host/0", "living", history, 60, 100.0)[0]


@pytest.mark.parametrize("history", [None, {}, {"time": [1.0], "best_loss": [1.0]}, {"time": [1.0, 2.0], "best_loss": [1.0]}, []])
def test_a_worker_without_a_history_is_told_of(history):
    with pytest.raises(AdminError, match="host/0: its history has no"):
        history_chart("host/0", "loss", history, 60, 0.0)


def test_a_chart_that_there_is_none():
    with pytest.raises(InputError, match="did you mean 'living'"):
        curve_named("livng")


def test_a_population_is_three_histograms():
    age = {"edges": [0, 10, 20, 30], "counts": [4, 8, 0, 0]}
    lines = population({"host/0": {"living": 12, "mean_age": 9.5, "age": age}, "host/1": {}})
    assert lines[:4] == ["host/0: 12 living", "age, mean 9.5 ticks", f"   from 0 {'█' * 15:30} 4", f"  from 10 {'█' * 30} 8"]
    assert lines[4] == "size, mean - nodes" and lines.count("  nobody is alive") == 5
    many = {"edges": list(range(64)), "counts": [1] * 64}
    assert sum("from" in line for line in population({"a": {"size": many}})) <= 12


HISTORIES = st.dictionaries(st.sampled_from(["time", "best_loss", "pace", "living"]), JSON) | JSON


@given(HISTORIES, st.sampled_from(["loss", "pace", "living"]))
def test_whatever_a_worker_says_of_its_past_is_a_chart_or_an_error(history, word):
    try:
        assert all(isinstance(row, str) for row in history_chart("a", word, history, 70, 1e9))
    except AdminError as error:
        assert str(error).startswith("a: ")


@given(st.dictionaries(st.sampled_from(["age", "size", "energy", "mean_age", "living"]), JSON) | JSON)
def test_whatever_a_worker_says_of_its_population_is_a_picture_or_an_error(figures):
    try:
        assert population({"a": figures})[0].startswith("a: ")
    except AdminError as error:
        assert str(error).startswith("a: ")


def test_how_long_ago():
    told = {0: "now", 59: "59 s ago", 200: "3 min ago", 8000: "2 h ago", 400_000: "5 d ago"}
    assert [ago(seconds) for seconds in told] == list(told.values())
