"""A new table announced to a running mesh: every worker moves, also one that stood still, was killed or was not there meanwhile."""

import csv
import math
import os
import signal
import socket
import time

import pytest
import zmq

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import PATIENCE, Worker, ask, eventually, mesh

OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50", "--set", "worker.checkpoint_interval=0.5")


#: What y is by x, z and something like noise, for a table of so many rows.
LAWS = {
    20: lambda x, z, noise: 20 * x * x + noise,
    30: lambda x, z, noise: x * x,  # found exactly
    40: lambda x, z, noise: x * x * math.sin(1.37 * z + 0.61) + 7 * math.cos(2.9 * x) * math.log(z + 2.3) + noise / 100,
}


def table(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["x", "z", "y"])
        for i in range(rows):
            x, z = i / 8, (i * i) % 11
            writer.writerow([x, z, LAWS[rows](x, z, i * 7919 % 13)])
    return path


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    other = folder / "other_columns.csv"
    other.write_text("x,w,y\n1,2,3\n4,5,6\n")
    return {rows: table(folder / f"{rows}.csv", rows) for rows in LAWS} | {"other": other, "none": folder / "none.csv"}


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
    """At once, and not when the next emigration comes to it."""
    finder, *others = three
    eventually(lambda: all(worker.best() < 1e-6 for worker in three))
    for worker in three:
        worker.ask("parameters", set={"exchange.interval": 3600.0})
    finder.ask("data", url=str(tables[40]))
    eventually(lambda: rows(three) == {40})
    for worker in others:
        worker.ask("pause")
    finder.ask("inject", formulas=["x * x * sin(1.37 * z + 0.61) + 7 * cos(2.9 * x) * log(z + 2.3)"])
    eventually(lambda: all(worker.best() < 0.01 for worker in three))
    for worker in three:
        worker.ask("parameters", set={"exchange.interval": 0.5})
        worker.ask("resume")


def test_a_table_that_cannot_be_used_is_refused_in_one_line_and_nothing_moves(three, tables):
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
            eventually(lambda again=again, expected=expected: versions([again]) == [expected])
            assert rows([again]) == {30}
            assert_whole([*others, again])
            assert_goes_on([*others, again])
            again.ask("checkpoint")
            again.kill()
    assert [worker.terminate() for worker in others] == [0, 0]


def test_a_restart_on_an_announced_table_allows_the_same_places_as_before(tmp_path):
    """Or a part of the mesh would refuse the next table."""
    first, below, beside = tmp_path / "first.csv", tmp_path / "below" / "second.csv", tmp_path / "third.csv"
    below.parent.mkdir()
    for path, count in ((first, 20), (below, 30), (beside, 40)):
        table(path, count)
    for url, version in ((below, 1), (beside, 2)):
        with Worker(tmp_path / "checkpoints", 0, options=OPTIONS, data=first, target="y") as worker:
            worker.wait_ready()
            assert worker.ask("data", url=str(url))["version"] == version
            eventually(lambda worker=worker, version=version: versions([worker]) == [version])
            assert worker.terminate() == 0
    assert f"going on with version 1 of the table, {below}" in worker.log()


def test_a_storage_service_that_hangs_does_not_keep_a_worker_from_leaving(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as hole:  # it takes connections and never answers
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        environment = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        options = (*OPTIONS, "--set", "worker.data_from=s3://bucket/")
        data = table(tmp_path / "first.csv", 20)
        with Worker(tmp_path, 0, options=options, data=data, target="y", environment=environment.items()) as worker:
            worker.wait_ready()
            with zmq.Context() as context, context.socket(zmq.REQ) as asking:
                asking.linger = 0
                asking.connect(f"tcp://{worker.admin}")
                asking.send_json({"vmesh": 1, "command": "data", "arguments": {"url": "s3://bucket/table.csv"}})
                hole.settimeout(PATIENCE)
                held, _ = hole.accept()
            began = time.monotonic()
            assert worker.terminate() == 0
            assert time.monotonic() - began < 15  # it takes half a second; S3 has more than a minute
            held.close()
