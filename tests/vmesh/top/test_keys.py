"""Keys: what they select, sort, filter and ask, without a terminal."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh.top.columns import ORDERS
from vmesh.top.keys import ACTIONS, COMMANDS, MOVES, ordered_by, press
from vmesh.top.state import DETAILS, HELP, TABLE, Request, State, settled

NAMES = [f"host/{i}" for i in range(20)]


def after(*keys, state=State(selected="host/0"), names=NAMES, rows=5):  # noqa: B008  # it is frozen
    """The state after these keys, and what was to be done."""
    done = []
    for key in keys:
        state, request = press(state, key, names, rows)
        state = settled(state, names, rows)
        done += [request] if request else []
    return state, done


def test_selecting_and_scrolling():
    assert after("down", "j", "up")[0].selected == "host/1"
    assert after("pagedown")[0].selected == "host/5"
    assert after("end")[0].selected == "host/19" and after("end", "home", "k")[0].selected == "host/0"
    state, _ = after("pagedown", "pagedown", "up")
    assert state.first <= state.place < state.first + 5
    assert after("end", "pageup")[0].selected == "host/14"
    assert after("down", names=[])[0].place == 0


KEYS = [*ACTIONS, *MOVES, *COMMANDS, *"PRCDyn/x", "c-c", "nonsense"]


@given(st.lists(st.sampled_from(KEYS), max_size=30), st.integers(0, 20), st.integers(0, 9))
def test_any_keys_leave_a_state_that_can_be_shown(keys, count, rows):
    state, _ = after(*keys, names=NAMES[:count], rows=rows)
    assert state.order in ORDERS and state.page in (TABLE, DETAILS, HELP)
    assert 0 <= state.first <= state.place <= max(count - 1, 0)
    assert not count or (state.selected == NAMES[state.place] and state.place < state.first + max(rows, 1))


@pytest.mark.parametrize(("key", "command"), COMMANDS.items())
def test_a_command_is_asked_about_first(key, command):
    state, done = after(key, state=State(selected="host/3", place=3))
    assert state.asking == Request(command, "host/3") and not done
    assert after("y", state=state)[1] == [Request(command, "host/3")]
    for no in ("n", "escape"):
        state_after, done = after(no, state=state)
        assert (state_after.asking, done) == (None, []) and "not done" in state_after.message
    assert after("x", "down", state=state)[0].asking is not None  # neither yes nor no
    assert after(key.upper(), "y")[1] == [Request(command, None)]


def test_nothing_is_asked_where_nobody_is_selected():
    state, done = after("p", "y", state=State(), names=[])
    assert state.asking is None and not done and state.failed is False
    assert press(State(), "p", [], 5)[0].failed


def test_leaving():
    assert after("q")[0].ended and after("c-c")[0].ended and after("f10")[0].ended
    assert after("p", "c-c")[0].ended and after("/", "c-c")[0].ended
    assert not after("?", "q")[0].ended and after("?", "q")[0].page == TABLE


def test_pages():
    assert after("enter")[0].page == DETAILS and after("enter", "enter")[0].page == TABLE
    assert after("enter", "escape")[0].page == TABLE and after("?")[0].page == HELP
    state, _ = after("enter", "down")
    assert (state.page, state.selected) == (DETAILS, "host/1")
    assert after(" ")[0].frozen and not after(" ", " ")[0].frozen


def test_typing_a_filter():
    state, _ = after("/", "h", "q", "backspace", "o", "up")
    assert (state.filter, state.typing, state.ended) == ("ho", True, False)
    assert not after("enter", state=state)[0].typing and after("enter", state=state)[0].filter == "ho"
    assert after("escape", state=state)[0].filter == "" == after("c-u", state=state)[0].filter
    assert after("enter", "escape", state=state)[0].filter == ""
    assert len(after("/", *"x" * 500)[0].filter) < 100


def test_sorting():
    state, _ = after(">")
    assert (state.order, state.falling) == (ORDERS[1], False)
    assert after("<")[0].order == ORDERS[-1] and after("s", "<")[0].order == "worker"
    assert after("i")[0].falling
    by_memory = ordered_by(State(), "memory")
    assert by_memory.falling and not ordered_by(by_memory, "memory").falling


def test_who_is_selected_stays_it_while_places_change_and_its_neighbour_follows_when_it_goes():
    state = settled(State(selected="host/7"), NAMES, 5)
    assert settled(state, NAMES[::-1], 5).selected == "host/7"
    assert settled(state, [name for name in NAMES if name != "host/7"], 5).selected == "host/8"
    assert settled(replace(state, selected="host/19", place=19), NAMES[:3], 5).selected == "host/2"
    assert settled(replace(state, first=18), NAMES[:3], 5).first == 0
