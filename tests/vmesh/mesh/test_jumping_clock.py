"""A clock that is set back, set ahead, or belonged to a machine that slept: nobody is taken for dead, nobody is locked out."""

import signal
import sys
from pathlib import Path

import pytest

from tests.vmesh.mesh.jumping_clock import DAY
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import Worker, eventually

OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50", "--set", "worker.checkpoint_interval=0.5")
SCRIPT = Path(__file__).with_name("jumping_clock.py")


def clock(offset=0.0):
    """In front of a worker's command line: its clocks jump by signals, and its time of day begins that many seconds off."""
    return (sys.executable, str(SCRIPT), str(offset))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mesh")
    with Worker(folder, 0, options=OPTIONS, prefix=clock()) as first:
        first.wait_ready()
        with Worker(folder, 1, [first.address], options=OPTIONS, prefix=clock()) as second:
            second.wait_ready()
            eventually(lambda: first.neighbours() == {second.name})
            yield [first, second]


@pytest.mark.parametrize("jump", [signal.SIGUSR1, signal.SIGUSR2], ids=["back a day", "ahead an hour"])
def test_a_clock_that_jumps_makes_nobody_suspect(two, jump):
    shared(two)
    before = fronts(two)
    lost = [worker.log().count("no longer linked") for worker in two]
    ages = [eventually(lambda worker=worker: worker.ask("status")["checkpoint"]["age"] is not None) for worker in two]
    assert ages == [True, True]
    for worker in two:
        worker.process.send_signal(jump)
        assert_goes_on(two)
        written = checkpoint_of(worker).stat().st_mtime_ns
        eventually(lambda worker=worker, written=written: checkpoint_of(worker).stat().st_mtime_ns != written)
    assert_whole(two)
    assert [worker.log().count("no longer linked") for worker in two] == lost
    assert all(worker.ask("status")["checkpoint"]["age"] >= 0 for worker in two)
    assert all(0 <= worker.ask("status")["evaluations_per_second"] < 1e9 for worker in two)
    assert_no_worse(fronts(two), before)


def checkpoint_of(worker):
    return worker.folder / f"worker-{worker.index}.checkpoint"


def test_a_worker_that_returns_with_its_clock_a_day_back_is_welcome(two):
    """Its incarnation grows all the same, so that the mesh believes it to be the later life."""
    first, second = two
    before, was = fronts([first]), second.ask("status")["incarnation"]
    second.kill()
    with Worker(second.folder, 1, [first.address], options=OPTIONS, prefix=clock(-DAY)) as again:
        again.wait_ready()
        assert again.ask("status")["incarnation"] > was
        eventually(lambda: first.neighbours() == {again.name} and again.neighbours() == {first.name})
        assert_goes_on([first, again])
        assert_no_worse(fronts([first, again]), before)
        assert again.terminate() == 0
