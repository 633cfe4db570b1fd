"""A new table announced to a running mesh: every worker moves, also one that stood still, was killed or was not there meanwhile."""

import csv
import os
import signal

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import Worker, eventually, mesh

OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50", "--set", "worker.checkpoint_interval=0.5")


def table(path, rows, shift):
    """x, z -> y, another law for each shift; larger shifts make larger losses."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["x", "z", "y"])
        writer.writerows([i / 7, (i * i) % 11, shift * (i / 7) ** 2 + 10 * shift * ((i * 7919) % 13)] for i in range(rows))
    return path


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    other = folder / "other_columns.csv"
    other.write_text("x,w,y\n1,2,3\n4,5,6\n")
    return {rows: table(folder / f"{rows}.csv", rows, rows) for rows in (20, 30, 40)} | {"other": other, "none": folder / "none.csv"}


@pytest.fixture(scope="module")
def three(tables, tmp_path_factory):
    with mesh(tmp_path_factory.mktemp("mesh"), 3, options=OPTIONS, data=tables[20], target="y") as workers:
        yield workers
        for worker in workers:
            worker.close()


def versions(workers):
    return [worker.ask("status")["data"]["version"] for worker in workers]


def rows(workers):
    return {worker.ask("status")["data"]["rows"] for worker in workers}


def test_all_move_also_one_that_stood_still_meanwhile(three, tables):
    """What was the best by other rows is forgotten; what is the best by these spreads as ever."""
    *others, slow = three
    family = processes.family(slow.process.pid)
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: not any(slow.name in worker.neighbours() for worker in others))
        answer = others[0].ask("data", url=str(tables[30]))
        assert answer["version"] == 1 and answer["rows"] == 30
        eventually(lambda: versions(others) == [1, 1])
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)
    eventually(lambda: versions(three) == [1, 1, 1])
    assert rows(three) == {30}
    assert_whole(three)
    before = fronts(three)
    shared(three)
    assert_goes_on(three)
    assert_no_worse(fronts(three), before)


def test_the_best_of_the_new_table_is_sent_although_the_old_ones_losses_were_smaller(three, tables):
    """Sent at once, and not only when the regular emigration would have come to it."""
    eventually(lambda: min(versions(three)) >= 1)
    three[0].ask("parameters", exchange={"interval": 3600.0})
    three[1].ask("parameters", exchange={"interval": 3600.0})
    three[2].ask("parameters", exchange={"interval": 3600.0})
    try:
        shared(three)
        three[1].ask("data", url=str(tables[40]))
        eventually(lambda: rows(three) == {40})
        shared(three)
    finally:
        for worker in three:
            worker.ask("parameters", exchange={"interval": 0.5})


def test_a_table_that_cannot_be_used_is_refused_in_one_line_and_nothing_moves(three, tables):
    from tests.vmesh.mesh.workers import ask

    before, known = versions(three), fronts(three)
    for name, words in (("other", "has other columns"), ("none", "no such")):
        answer = ask(three[0].admin, "data", url=str(tables[name]))
        assert not answer["ok"] and "\n" not in answer["error"], answer
        assert words in answer["error"].lower() or str(tables[name]) in answer["error"], answer
    assert not ask(three[0].admin, "data", url=str(tables[20]), checksum="0" * 64)["ok"]
    assert not ask(three[0].admin, "data", url="/etc/passwd")["ok"]
    assert_goes_on(three)
    assert versions(three) == before
    assert_no_worse(fronts(three), known)


def test_one_that_was_killed_before_or_after_the_move_takes_part_on_the_new_table(three, tables):
    *others, victim = three
    now = versions(three)[0]
    eventually(lambda: victim.ask("status")["checkpoint"]["age"] is not None)
    victim.kill()
    others[0].ask("data", url=str(tables[30]))
    eventually(lambda: versions(others) == [now + 1] * 2)
    for expected in (now + 1, now + 1):
        with Worker(victim.folder, 2, [others[1].address], options=OPTIONS, data=tables[20], target="y") as again:
            again.wait_ready()
            eventually(lambda again=again: versions([again]) == [expected])
            assert rows([again]) == {30}
            assert_whole([*others, again])
            assert_goes_on([*others, again])
            again.ask("checkpoint")
            again.kill()
    assert [worker.terminate() for worker in others] == [0, 0]
