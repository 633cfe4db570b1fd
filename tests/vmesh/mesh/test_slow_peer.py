"""A peer that stands still for a while costs the others nothing, and comes back."""

import contextlib
import os
import signal
import time

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import eventually, mesh

OPTIONS = ("--set", "vgp.population_size=200", "--set", "vgp.births_per_tick=100", "--set", "exchange.interval=0.05")
GROWTH = 24 << 20  # bytes; what piles up for one peer without a bound is more within seconds


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    with mesh(tmp_path_factory.mktemp("mesh"), 3, options=OPTIONS) as workers:
        yield workers


def emigrations(workers):
    return [worker.ask("status")["exchange"]["sent"] for worker in workers]


def stand_still(worker, number):
    """For a worker with its sandbox."""
    for pid in sorted(processes.family(worker.process.pid)):
        os.kill(pid, number)


def test_one_that_stops_is_dropped_costs_the_others_nothing_and_returns(three):
    *others, slow = three
    shared(three)
    before = fronts(others)
    incarnation = slow.ask("status")["incarnation"]
    resident = [processes.memory(worker.process.pid) for worker in others]
    stand_still(slow, signal.SIGSTOP)
    try:
        eventually(lambda: not any(slow.name in worker.neighbours() for worker in others))
        sent = emigrations(others)
        assert_goes_on(others)
        eventually(lambda: all(now > was + 20 for now, was in zip(emigrations(others), sent, strict=True)))
        for worker, was in zip(others, resident, strict=True):
            exchange = worker.ask("status")["exchange"]
            assert exchange["waiting"] <= 64 and exchange["credits_used"] <= 8
            assert processes.memory(worker.process.pid) < was + GROWTH
    finally:
        stand_still(slow, signal.SIGCONT)
    assert_whole(three)
    eventually(lambda: slow.neighbours() == {worker.name for worker in others})
    assert_goes_on(three)
    assert slow.ask("status")["incarnation"] >= incarnation
    assert_no_worse(fronts(others), before)
    assert slow.running


def test_one_that_stutters_stays_a_member(three):
    """Pauses shorter than the time to object: nobody is declared dead, nobody restarts."""
    slow = three[-1]
    for _ in range(4):
        stand_still(slow, signal.SIGSTOP)
        time.sleep(0.4)
        stand_still(slow, signal.SIGCONT)
        eventually(lambda: slow.ask("status")["active"] > 0)
    assert_whole(three)
    assert_goes_on(three)
    assert all(worker.running for worker in three)


def test_one_whose_evolution_alone_stands_still_takes_no_more_than_it_may(three):
    """Its network thread lives and it is a neighbour, but takes nothing in: the senders wait for its credit."""
    *others, slow = three
    sandbox = processes.children(slow.process.pid)
    for pid in sandbox:
        os.kill(pid, signal.SIGSTOP)
    resident = processes.memory(slow.process.pid)
    try:
        sent = emigrations(others)
        eventually(lambda: all(now > was + 20 for now, was in zip(emigrations(others), sent, strict=True)))
        status = slow.ask("status", timeout=5)
        assert status["exchange"]["credits_used"] <= 2 * 4
        assert processes.memory(slow.process.pid) < resident + GROWTH
    finally:
        for pid in sandbox:
            with contextlib.suppress(ProcessLookupError):  # a sandbox that hangs is replaced
                os.kill(pid, signal.SIGCONT)
    assert_goes_on(three)
