"""The picture fits any terminal, and shows what matters in a small one."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vmesh.top.scenes import figures, made_up, scene
from vmesh.drawing.cells import plain, width
from vmesh.figures.record import STATES, FrontRow, Histogram
from vmesh.top.layout import picture, plan
from vmesh.top.state import DETAILS, HELP, TABLE, Request
from vmesh.watch.view import Found, Said

SIZES = [(80, 24), (100, 30), (120, 40), (200, 60), (40, 12), (20, 6), (10, 3), (1, 1), (300, 2)]
TEXTS = st.text(alphabet=st.sampled_from("ab漢é\u0301🙂\x1b\n\u202e "), max_size=30)
FLOATS = st.floats()
COUNTS = st.integers(0, 2**64 - 1)


def text_of(scene, columns, height):
    return "\n".join(map(plain, picture(scene, columns, height).rows))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", [TABLE, DETAILS, HELP])
def test_every_row_is_as_wide_as_the_terminal_and_there_are_as_many_as_it_has(size, page):
    columns, height = size
    for workers in (1, 40):
        rows = picture(made_up(1, workers, page=page), columns, height).rows
        assert [sum(width(text) for _, text in row) for row in rows] == [columns] * height


@given(st.integers(1, 260), st.integers(1, 90), st.integers(0, 1000), st.integers(0, 40))
def test_a_plan_uses_every_row(columns, height, workers, formulas):
    shares = plan(columns, height, workers, formulas)
    parts = [getattr(shares, name) for name in shares.__slots__]
    assert sum(parts) == height and min(parts) >= 0
    assert shares.table > 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.integers(1, 180), st.integers(1, 50), st.sampled_from([TABLE, DETAILS, HELP]))
def test_whatever_workers_tell_the_picture_keeps_its_size_and_has_no_control_characters(data, columns, height, page):
    def told(name):
        histogram = Histogram((0.0, data.draw(FLOATS)), (1, data.draw(COUNTS)))
        return figures(
            name, state=data.draw(st.sampled_from(STATES)), version=data.draw(TEXTS), evaluations=data.draw(COUNTS),
            best_loss=data.draw(FLOATS), best_r2=data.draw(FLOATS), evaluations_per_second=data.draw(FLOATS),
            uptime=data.draw(FLOATS),
            mean_age=data.draw(FLOATS), memory_limit_bytes=data.draw(COUNTS), checkpoint_error=data.draw(TEXTS), age=histogram,
            deaths={data.draw(TEXTS): data.draw(COUNTS)}, neighbours=((data.draw(TEXTS), 1, 2),), data_url=data.draw(TEXTS),
            checkpoint_age=data.draw(FLOATS), living=data.draw(COUNTS), cpu_seconds=data.draw(FLOATS),
        )  # fmt: skip

    names = data.draw(st.lists(TEXTS.filter(bool), max_size=3, unique=True))
    row = FrontRow(data.draw(COUNTS), data.draw(FLOATS), data.draw(FLOATS), data.draw(TEXTS), "", True, "")
    shown = scene(
        [told(name) for name in names], {"gone/1": data.draw(TEXTS)}, [Said(data.draw(FLOATS), "a", "ERROR", data.draw(TEXTS))],
        [Found(row, "a")], page=page, filter=data.draw(st.sampled_from(["", "a"])), message=data.draw(TEXTS),
        selected=names[0] if names else "",
    )  # fmt: skip
    rows = picture(shown, columns, height).rows
    assert [sum(width(text) for _, text in row) for row in rows] == [columns] * height
    assert all(text.isprintable() for row in rows for _, text in row)


def test_an_ordinary_terminal_shows_everything_at_a_glance():
    shown = text_of(made_up(2, 8), 80, 24)
    for word in ("evaluations/s", "best loss", "R2", "memory", "cpu", "▸", "births", "starved", "age", "size", "energy"):
        assert word in shown, word
    for word in ("worker▲", "state", "tick", "node-0/0", "running", "log", "checkpoint written", "q quit", "? help"):
        assert word in shown, word


def test_a_wide_one_shows_more_columns_and_charts():
    shown = text_of(made_up(2, 8), 180, 50)
    for word in ("evaluations per second", "best loss (logarithmic)", "accept", "divers", "median", "saved", "PRCD all"):
        assert word in shown, word


def test_details_tell_of_the_selected_worker_alone():
    lines = [Said(1.0, "host/0", "ERROR", "disk full"), Said(2.0, "host/1", "INFO", "not mine")]
    told = [figures("host/0", neighbours=(("host/1", 7, 9),), checkpoint_error="no room"), figures("host/1")]
    shown = text_of(scene(told, lines=lines, page=DETAILS, selected="host/0"), 110, 40)
    for word in ("host/0", "FAILED: no room", "disk full", "host/1", "starved"):
        assert word in shown, word
    assert "not mine" not in shown


def test_silent_workers_say_why():
    silent = {"host/1": "has not answered for 9 s", "host/2": "no key"}
    shown = text_of(scene([figures("host/0"), figures("host/1")], silent), 100, 24)
    assert "1 of 3 workers" in shown and "2 silent" in shown
    assert "has not answered for 9 s" in shown and "no key" in shown


def test_what_is_not_known_is_a_dash():
    shown = text_of(scene([figures("host/0", best_loss=math.nan, evaluations_per_second=math.nan)]), 80, 24)
    assert "best loss -" in shown and "no formula yet" in shown and "nan" not in shown


def test_the_last_row_asks_tells_and_helps():
    def last(**state):
        return text_of(scene([figures("host/0"), figures("host/1")], **state), 80, 24).splitlines()[-1]

    assert "pause host/1? y/n" in last(asking=Request("pause", "host/1"))
    assert "drain all 2 workers? y/n" in last(asking=Request("drain", None))
    assert last(typing=True, filter="ho").startswith("/ho")
    assert last(message="host/0: paused") == "host/0: paused"
    assert "filter nobody" in last(filter="nobody")
    assert "no worker matches 'nobody'" in text_of(scene([figures("host/0")], filter="nobody"), 80, 24)


def test_the_selected_worker_is_in_sight_among_hundreds():
    shown = picture(made_up(8, 64, looks=1, selected="node-5/33"), 80, 24)
    assert "node-5/33" in "\n".join(map(plain, shown.rows))
    assert shown.scene.members[shown.scene.state.place].name == "node-5/33"
    assert shown.table_rows >= 4
