"""A worker that fails now and then is always started again; one that only fails is not tried for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh.launcher.respawn import Respawn, State
from vmesh.settings import Launcher

SETTINGS = Launcher(restarts=3, restart_delay=0.5, restart_delay_most=1.5, stable_time=30.0)


def lives(respawn, spans, status=1):
    """Endings of lives of so many seconds, each started when it is due."""
    for span in spans:
        respawn.started(respawn.due)
        yield respawn.ended(status, respawn.due + span)


def test_delays_double_up_to_a_limit_and_then_it_is_given_up():
    endings = list(lives(Respawn(SETTINGS), [1.0] * 4))
    assert [ending.delay for ending in endings] == [0.5, 1.0, 1.5, 0.0]
    assert [ending.failures for ending in endings] == [1, 2, 3, 4]
    assert endings[-1].state is State.GIVEN_UP


def test_a_stable_life_wipes_out_the_failures_before_it():
    endings = list(lives(Respawn(SETTINGS), [1.0, 1.0, 30.0, 1.0, 1.0, 1.0]))
    assert [ending.failures for ending in endings] == [1, 2, 1, 2, 3, 4]
    assert [ending.state for ending in endings[:-1]] == [State.WAITING] * 5


@pytest.mark.parametrize(("status", "state"), [(0, State.LEFT), (2, State.REFUSED)])
def test_who_left_or_was_told_nonsense_is_not_started_again(status, state):
    respawn = Respawn(SETTINGS)
    respawn.started(0.0)
    assert respawn.ended(status, 1.0).state is state


def test_with_no_restarts_the_first_failure_is_the_last():
    respawn = Respawn(Launcher(restarts=0))
    respawn.started(0.0)
    assert respawn.ended(-9, 100.0).state is State.GIVEN_UP


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(-20, 255).filter(lambda status: status not in (0, 2)))
def test_it_is_given_up_only_after_so_many_failures_in_a_row(spans, status):
    respawn, in_a_row = Respawn(SETTINGS), 0
    for span in spans:
        ending = next(lives(respawn, [span], status))
        in_a_row = 1 if span >= SETTINGS.stable_time else in_a_row + 1
        # the clock's sums round: a life of almost exactly the stable time may count either way
        if abs(span - SETTINGS.stable_time) < 1e-6:
            in_a_row = ending.failures
        assert ending.failures == in_a_row
        assert (ending.state is State.GIVEN_UP) == (in_a_row > SETTINGS.restarts)
        assert 0 <= ending.delay <= SETTINGS.restart_delay_most
        if ending.state is State.GIVEN_UP:
            break
