"""Checkpoints that a disk has damaged: the one before is used, or the worker begins anew, says so, and hears from the mesh."""

import pytest

from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, fronts, shared
from tests.vmesh.mesh.workers import Worker, eventually, mesh

OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50", "--set", "worker.checkpoint_interval=1h")
KEPT = 2  # settings.worker.checkpoint_keep


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGES = {"a bit": flipped, "its end": lambda content: content[: len(content) * 2 // 3], "all of it": lambda content: b""}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with mesh(tmp_path_factory.mktemp("mesh"), 2, options=OPTIONS) as workers:
        yield workers
        for worker in workers:
            worker.close()


def files(worker):
    """Its checkpoints, the newest first."""
    newest = worker.folder / f"worker-{worker.index}.checkpoint"
    return [newest, *(newest.with_name(f"{newest.name}.{number}") for number in range(1, KEPT + 1))]


def killed_with_checkpoints(two):
    """What was known and kept when the second worker was killed."""
    eventually(lambda: two[1].ask("status")["tick"] > 0)
    for _ in files(two[1]):
        two[1].ask("checkpoint")
    shared(two)
    before, status = fronts([two[0]]), two[1].ask("status")
    two[1].kill()
    return before, status


def started_again(two):
    """The second worker, and what it said since."""
    said = len(two[1].log())
    two[1] = again = Worker(two[1].folder, 1, [two[0].address], options=OPTIONS).wait_ready()
    return again, again.log()[said:]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_one_before_is_used(two, damage):
    before, _ = killed_with_checkpoints(two)
    newest = files(two[1])[0]
    newest.write_bytes(damage(newest.read_bytes()))
    again, log = started_again(two)
    assert f"{newest}: " in log and "the one before it is used" in log, log
    assert f"resumed {newest}.1" in log, log
    eventually(lambda: again.neighbours() == {two[0].name})
    assert_no_worse(fronts(two), before)


def test_when_all_are_damaged_it_begins_anew_and_hears_what_the_mesh_knows(two):
    before, status = killed_with_checkpoints(two)
    for path in files(two[1]):
        path.write_bytes(flipped(path.read_bytes()))
    incarnation = files(two[1])[0].with_name("worker-1.incarnation")
    incarnation.write_bytes(b"not a number\n")
    again, log = started_again(two)
    assert all(f"{path}: " in log for path in (*files(again), incarnation)), log
    assert "created 100 organisms" in log
    assert again.ask("status")["incarnation"] > status["incarnation"]
    eventually(lambda: again.neighbours() == {two[0].name})
    shared(two)
    assert_goes_on(two)
    assert_no_worse(fronts([two[0]]), before)
    assert [worker.terminate() for worker in two] == [0, 0]
