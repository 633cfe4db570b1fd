"""Two workers with one name: the one that was there first goes on as if nothing had happened, the other one is told."""

import os
import signal

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import PATIENCE, Worker, eventually, mesh

OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with mesh(tmp_path_factory.mktemp("mesh"), 2, options=OPTIONS) as workers:
        shared(workers)
        yield workers


def ends(worker):
    """(exit status, what it said), with nothing of it left."""
    family = processes.family(worker.process.pid)
    status = worker.process.wait(PATIENCE)
    processes.gone(family)
    return status, [line for line in worker.log().splitlines() if "Traceback" in line or "another" in line or "already" in line]


def test_in_the_same_folder_the_second_process_is_refused_at_once(two):
    before = fronts(two)
    said = len(two[1].log().splitlines())
    with Worker(two[1].folder, 1, [two[0].address], options=OPTIONS) as second:  # its log is the first one's
        status, lines = ends(second)
    assert status == 1
    assert len(lines) == 1 and f"process {two[1].process.pid} already is worker 1" in lines[0], lines
    assert len(two[1].log().splitlines()) == said + 1
    assert_goes_on(two)
    assert_no_worse(fronts(two), before)


def test_with_a_folder_of_its_own_the_newcomer_finds_the_name_taken(two, tmp_path):
    index = 0  # a seed's name even
    before, incarnations = fronts(two), [worker.ask("status")["incarnation"] for worker in two]
    eventually(lambda: all(worker.ask("status")["uptime"] > 4 for worker in two))  # two that start together are of one age
    with Worker(tmp_path, index, [worker.address for worker in two], options=OPTIONS) as newcomer:
        status, lines = ends(newcomer)
    assert status == 2, newcomer.log()
    assert any(f"another worker is {two[index].name}, at {two[index].address}" in line for line in lines), newcomer.log()
    assert not any("Traceback" in line for line in lines)
    assert all(worker.running for worker in two)
    assert_whole(two)
    assert_goes_on(two)
    assert_no_worse(fronts(two), before)
    assert [worker.ask("status")["incarnation"] >= was for worker, was in zip(two, incarnations, strict=True)] == [True, True]


def test_one_that_takes_the_name_of_a_stopped_process_is_no_reason_to_go_for_the_first(two, tmp_path):
    """While the first one stands still nobody can know of it, and the newcomer is taken in; the older one stays when it is back."""
    first = two[1]
    for pid in processes.family(first.process.pid):
        os.kill(pid, signal.SIGSTOP)
    try:
        with Worker(tmp_path, 1, [two[0].address], options=OPTIONS) as newcomer:
            newcomer.wait_ready()
            eventually(lambda: newcomer.ask("peers")["active"])
            for pid in processes.family(first.process.pid):
                os.kill(pid, signal.SIGCONT)
            status, _ = ends(newcomer)
            assert status == 2, newcomer.log()
    finally:
        for pid in processes.family(first.process.pid):
            os.kill(pid, signal.SIGCONT)
    assert first.running
    assert_whole(two)
    assert_goes_on(two)
