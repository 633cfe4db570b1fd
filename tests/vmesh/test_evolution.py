"""The evolution thread: whatever ends it is known, and whoever waits for it is told."""

import threading
from types import SimpleNamespace

import pytest

from vgp.errors import SandboxError
from vmesh.errors import MeshError
from vmesh.evolution import Evolution
from vmesh.population import IslandPopulation
from vmesh.settings import Exchange

PATIENCE = 10.0


class Island:
    """Its tick begins, and ends when it is let."""

    def __init__(self):
        self.began, self.end, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.dataset = SimpleNamespace(names=("x",), target="y")
        self.sandbox = SimpleNamespace(report=lambda: {"pid": 0})
        self.close = self.closed.set

    def advance(self, ticks):
        self.began.set()
        self.end.wait(PATIENCE)

    def interrupt(self, on):
        """It does not hear."""


@pytest.fixture
def island():
    island = Island()
    yield island
    island.end.set()


def evolution_of(island, wake=lambda: None):
    return Evolution(IslandPopulation(island), Exchange(), wake)


def test_a_sandbox_that_is_gone_at_the_start_is_a_failure_and_not_a_worker_that_stands_still(island):
    def report():
        raise SandboxError("the sandbox is gone")

    island.sandbox.report = report
    woken = threading.Event()
    evolution = evolution_of(island, woken.set)
    waiting = evolution.submit(lambda island: None)
    evolution.start()
    with pytest.raises(MeshError):
        waiting.result(PATIENCE)
    assert woken.wait(PATIENCE)
    assert isinstance(evolution.failure, SandboxError)


def test_a_tick_that_does_not_end_holds_up_neither_who_waits_nor_the_end_of_the_worker(island):
    evolution = evolution_of(island)
    evolution.start()
    assert island.began.wait(PATIENCE)
    waiting = evolution.submit(lambda island: None)
    assert not evolution.stop(0.2)
    with pytest.raises(MeshError):
        waiting.result(0)
    evolution.population.close()  # would wait for the tick
    assert not island.closed.is_set()
