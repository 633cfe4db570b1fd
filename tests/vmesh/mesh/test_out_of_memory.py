"""A worker whose share of the memory is too small ends with one clear line, is started again, and is given up in the end."""

import os
import subprocess
import sys

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import assert_goes_on
from tests.vmesh.mesh.workers import PLANETS, ROOT, TARGET, Worker, ask, mesh
from vmesh.memory import LEAST_SHARE

HUGE = ("--set", "worker.memory=384M", "--set", "vgp.population_size=4000000")
OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50")


def test_too_small_a_share_is_one_line_and_the_mesh_does_not_notice(tmp_path):
    with mesh(tmp_path, 1, options=OPTIONS) as (first,), Worker(tmp_path, 1, [first.address], options=HUGE) as starved:
        family = processes.family(starved.process.pid)
        assert starved.process.wait(60) == 1
        processes.gone(family)
        complaints = [line for line in starved.log().splitlines() if " INFO " not in line]
        assert len(complaints) == 1 and "memory" in complaints[0], starved.log()
        assert first.ask("status")["tick"] > 0


def test_the_smallest_share_is_enough_to_fetch_a_table_and_more_than_fits_is_refused_while_it_runs(tmp_path):
    """An empty cache: the worker reads the table itself, within its own limit."""
    options = ("--set", f"worker.memory={LEAST_SHARE}", *OPTIONS)
    with mesh(tmp_path, 1, options=options) as (worker,):
        answer = ask(worker.admin, "parameters", set={"vgp.births_per_tick": 1_000_000})
        assert not answer["ok"] and "do not fit in memory" in answer["error"], answer
        assert_goes_on([worker])


def test_a_launcher_starts_it_again_and_gives_it_up(tmp_path):
    command = ["up", PLANETS, "--target", TARGET, "--workers", "1", "--hostname", "poor", "--checkpoint-dir", tmp_path / "state"]
    options = ("--set", "network.port=0", "--set", "launcher.restarts=1", "--set", "launcher.restart_delay=20ms")
    cache = ("--set", f"worker.cache={tmp_path / 'cache'}")
    done = subprocess.run(
        [sys.executable, "-m", "vmesh", *map(str, command), *HUGE, *options, *cache],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    (again,) = [line for line in done.stderr.splitlines() if "is started again" in line]
    assert "out of memory" in again, done.stderr
    assert sum("is given up" in line for line in done.stderr.splitlines()) == 1
