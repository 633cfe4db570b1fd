"""Signals ask for a stop and wake the launcher up; what nohup wants is respected."""

import os
import select
import signal

import pytest

from vmesh.launcher import stop_signals
from vmesh.launcher.stop_signals import StopSignals


def readable(fd):
    return bool(select.select([fd], [], [], 0)[0])


def test_the_first_is_remembered_and_wakes_up_and_all_is_as_before_afterwards():
    before = [signal.getsignal(number) for number in (*stop_signals.STOPPING, signal.SIGCHLD)]
    with StopSignals() as signals:
        assert not signals.received and not readable(signals.wake_fd)
        signal.raise_signal(signal.SIGTERM)
        assert signals.received == signal.SIGTERM and readable(signals.wake_fd)
        signals.drain()
        assert not readable(signals.wake_fd)
        signal.raise_signal(signal.SIGINT)  # the same request, passed on by somebody
        signals.wake()
        assert readable(signals.wake_fd)
    assert [signal.getsignal(number) for number in (*stop_signals.STOPPING, signal.SIGCHLD)] == before


def test_a_second_request_ends_everything(monkeypatch):
    monkeypatch.setattr(stop_signals, "SAME_REQUEST", -1.0)
    with StopSignals():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_work_is_cut_short_by_the_first_one():
    with StopSignals() as signals:
        assert signals.attempt(lambda: 3) == 3
        assert signals.attempt(lambda: signal.raise_signal(signal.SIGINT) or 3) is None
        assert signals.attempt(lambda: 3) is None


def test_nohup_keeps_it_running_when_the_terminal_goes():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not signals.received
    finally:
        signal.signal(signal.SIGHUP, before)
