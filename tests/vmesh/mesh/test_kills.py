"""Power cuts: workers, seeds and sandboxes are killed by -9, and the mesh goes on with what it knew."""

import os
import signal

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import Worker, eventually, mesh
from vmesh.launcher.ports import free_block

SMALL = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50")
OPTIONS = (*SMALL, "--set", "worker.checkpoint_interval=0.5")
SANDBOXES = 12


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three workers, the first two being seeds. Tests put in whom they start again: where they were, so on ports that the system
    gives to nobody by itself meanwhile."""
    port = free_block("127.0.0.1", 20_000 + 8 * (os.getpid() % 1000), 3, movable=True)
    with mesh(tmp_path_factory.mktemp("mesh"), 3, options=(*OPTIONS, "--set", f"network.port={port}")) as workers:
        yield workers
        for worker in workers:
            worker.close()


def known_without(victims, workers):
    """What the mesh knows besides the victims."""
    others = [worker for worker in workers if worker not in victims]
    shared(workers)
    return others, fronts(others)


def test_a_killed_worker_resumes_from_its_checkpoint_and_the_others_keep_what_it_found(three):
    victim = three[2]
    others, before = known_without([victim], three)
    kept = eventually(lambda: (now := victim.ask("status"))["checkpoint"]["age"] is not None and now)
    family = processes.family(victim.process.pid)
    assert len(family) > 1  # its sandbox
    victim.kill()
    processes.gone(family)
    eventually(lambda: not any(victim.name in worker.neighbours() for worker in others))
    assert_goes_on(others)
    assert_no_worse(fronts(others), before)
    three[2] = again = Worker(victim.folder, 2, [three[0].address, three[1].address], options=OPTIONS).wait_ready()
    status = again.ask("status")
    assert status["incarnation"] > kept["incarnation"]
    assert status["tick"] > 0 and "resumed" in again.log()
    assert_whole(three)
    assert_goes_on(three)
    assert_no_worse(fronts(three), before)


def test_sandboxes_killed_again_and_again_cost_only_time(three):
    worker = three[2]
    before = fronts(three)
    began = worker.ask("status")
    for _ in range(SANDBOXES):
        (sandbox,) = eventually(lambda: processes.children(worker.process.pid))
        os.kill(sandbox, signal.SIGKILL)
        processes.gone([sandbox])
        tick = worker.ask("status")["tick"]
        eventually(lambda tick=tick: worker.ask("status")["tick"] > tick)
    after = worker.ask("status")
    assert worker.running and after["incarnation"] == began["incarnation"]
    assert after["evaluations"] > began["evaluations"]
    eventually(lambda: len(processes.children(worker.process.pid)) == 1)
    assert_goes_on(three)
    assert_no_worse(fronts(three), before)


def test_all_seeds_killed_one_after_the_other_and_started_again_where_they_were(three, tmp_path):
    """The mesh lives without its seeds; when they are back, knowing only each other, the two parts find together."""
    first, second, *others = three
    shared(three)
    before = fronts(others)
    first.kill()
    with Worker(tmp_path, 0, [first.address, second.address], host="late", options=OPTIONS) as newcomer:
        newcomer.wait_ready()
        assert_whole([second, newcomer, *others])
        second.kill()
        assert_whole([newcomer, *others])
        assert_goes_on([newcomer, *others])
        assert_no_worse(fronts([newcomer, *others]), before)
        assert newcomer.terminate() == 0
    seeds = [first.address, second.address]
    for index in (0, 1):
        port = int(three[index].address.rpartition(":")[2]) - 2 * index
        options = (*OPTIONS, "--set", f"network.port={port}")
        three[index] = Worker(first.folder, index, seeds, options=options).wait_ready()
    assert_whole(three)
    assert_goes_on(three)
    assert_no_worse(fronts(three), before)


def test_none_is_left_behind(three):
    """After all that: who is asked to leave leaves, with everything it started."""
    families = [processes.family(worker.process.pid) for worker in three]
    for worker in three:
        worker.process.send_signal(signal.SIGTERM)
    assert [worker.process.wait(20) for worker in three] == [0, 0, 0]
    processes.gone(set().union(*families))
