"""What administrators tell workers that evolve and exchange at full speed: it is done, answered, and loses nothing."""

import threading
import time

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import PATIENCE, ask, eventually, mesh

OPTIONS = ("--set", "vgp.population_size=500", "--set", "vgp.births_per_tick=500", "--set", "exchange.interval=0.05")


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    with mesh(tmp_path_factory.mktemp("mesh"), 3, options=OPTIONS) as workers:
        shared(workers)
        yield workers


def test_pause_advance_and_resume(three):
    worker, *others = three
    before = fronts(three)
    worker.ask("pause")
    paused = eventually(lambda: standing_still(worker))
    assert paused["paused"]
    assert_goes_on(others)
    assert worker.ask("advance", ticks=3)["tick"] == paused["tick"] + 3
    assert standing_still(worker)
    eventually(lambda: worker.ask("status")["exchange"]["received"] > paused["exchange"]["received"])  # it still takes others in
    worker.ask("resume")
    assert_goes_on(three)
    assert_no_worse(fronts(three), before)


def standing_still(worker):
    """Its status, if it made no tick between two looks, longer apart than a tick takes: the one that runs is ended first."""
    first = worker.ask("status")
    time.sleep(1.0)
    second = worker.ask("status")
    return second if first["tick"] == second["tick"] else None


def test_many_administrators_at_a_time(three):
    """Each gets the answer to its own question, whatever the others ask of the same worker."""
    before, answers = fronts(three), []
    law = "semi_major_axis_au * sqrt(semi_major_axis_au)"
    commands = [
        *((name, {}) for name in ("status", "front", "peers", "checkpoint", "migrate", "pause", "resume")),
        *(("parameters", {"set": one}) for one in ({"vgp.tournament_size": 5}, {"exchange.selection": "diverse"})),
        *(("log-level", {"level": level}) for level in ("debug", "info")),
        ("advance", {"ticks": 2}),
        ("inject", {"formulas": [law]}),
        ("export", {"which": "best"}),
    ]

    def administrate(worker, command, arguments):
        answers.append((command, ask(worker.admin, command, **arguments)))

    threads = [threading.Thread(target=administrate, args=(worker, *words)) for worker in three for words in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == len(threads)
    for worker in three:
        worker.ask("resume")
    assert_goes_on(three)
    assert_no_worse(fronts(three), before)
    refused = [(command, answer) for command, answer in answers if not answer["ok"]]
    assert refused == []
    assert all("tick" in answer["result"] for command, answer in answers if command in ("advance", "status"))


def test_drain_hands_the_best_over_and_shutdown_loses_nothing(three):
    leaving, *others = three
    before, family = fronts(three), processes.family(leaving.process.pid)
    drained = leaving.ask("drain")
    assert drained["sent"] > 0 and leaving.ask("status")["draining"]
    assert not ask(leaving.admin, "resume")["ok"]
    best = leaving.best()
    leaving.ask("shutdown")
    assert leaving.process.wait(PATIENCE) == 0
    processes.gone(family)
    eventually(lambda: not any(leaving.name in worker.neighbours() for worker in others))
    assert all("left" in line for worker in others for line in worker.log().splitlines() if f"linked with {leaving.name}:" in line)
    eventually(lambda: min(worker.best() for worker in others) <= best)
    assert_whole(others)
    assert_goes_on(others)
    eventually(lambda: known(fronts(others), before))


def known(after, before):
    try:
        assert_no_worse(after, before)
    except AssertionError:
        return False
    return True


def test_all_are_shut_down_at_once(three):
    *_, one, other = three
    families = processes.family(one.process.pid) | processes.family(other.process.pid)
    answers = []

    def advance(worker):
        answers.append(ask(worker.admin, "advance", ticks=10**6))

    advances = [threading.Thread(target=advance, args=(worker,)) for worker in (one, other)]
    for thread in advances:
        thread.start()
    for worker in (one, other):
        worker.ask("status")  # asked later than advance, by another connection
        worker.ask("shutdown")
    assert [worker.process.wait(PATIENCE) for worker in (one, other)] == [0, 0]
    for thread in advances:
        thread.join(PATIENCE)
    assert [(answer["ok"], "is leaving" in answer["error"]) for answer in answers] == [(False, True)] * 2
    processes.gone(families)
