"""One million organisms of 30 nodes: how long creating, checkpointing and resuming them takes, and how much memory.

Creating and resuming happen in processes of their own, so that the peaks of memory are those of Python, its modules and one
island. The table is small, 100 rows of 5 columns, and no function leaves the finite numbers: the figures are about the store of
organisms, not about evaluation (with the default functions four of five random genomes of 30 nodes are not finite on every row,
and as many more must be drawn). The bars: created in 3 s, checkpointed in 3 s, 600 MB at most. Seconds are of wall clock; beside
them the CPU time of the process and of its sandbox, which alone means something where others use the machine.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.evolution import cpu_seconds_of
from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters

ROWS, VARIABLES = 100, 5
PARAMETERS = Parameters(
    population_size=1_000_000,
    births_per_tick=10_000,
    max_size=30,
    max_depth=30,
    initial_size=30,
    initial_minimum=30,
    functions=("add", "sub", "mul", "sin", "cos"),
)
SECONDS_BAR, MEGABYTES_BAR = 3.0, 600.0

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each command."""
    with tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder:
        path = str(Path(folder) / "million.vgp")
        return in_child("create_and_save", path) + in_child("resume", path)


def in_child(function: str, path: str) -> list[Row]:
    """Runs a function of this module in a fresh process; returns the rows that it prints, a line of JSON each."""
    command = [sys.executable, "-c", f"from vgp.benchmarks.million import {function}; {function}({path!r})"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def create_and_save(path: str) -> None:
    with Island(small_table(), PARAMETERS, seed=1) as island:
        measure("create", island.create, island, SECONDS_BAR)
        measure("checkpoint", lambda: island.checkpoint(path), island, SECONDS_BAR)
        measure("tick", island.advance, island, None)


def resume(path: str) -> None:
    table = small_table()
    start = time.perf_counter(), time.process_time()
    with Island.resume(path, table) as island:
        report("resume", start, 0.0, island, None)


def measure(command: str, action: Callable[[], object], island: Island, bar: float | None) -> None:
    pid = island.sandbox.report()["pid"]
    start, worker = (time.perf_counter(), time.process_time()), cpu_seconds_of(pid)
    action()
    report(command, start, cpu_seconds_of(pid) - worker, island, bar)


def report(command: str, start: tuple[float, float], worker: float, island: Island, bar: float | None) -> None:
    row = {
        "command": command,
        "organisms": int(island.statistics()[-1]["living"]),
        "mean nodes": float(island.statistics()[-1]["mean_size"]),
        "seconds": time.perf_counter() - start[0],
        "CPU seconds": time.process_time() - start[1],
        "sandbox CPU seconds": worker,
        "bar, seconds": bar,
        "peak MB": peak_megabytes(),
        "bar, MB": MEGABYTES_BAR,
    }
    print(json.dumps(row), flush=True)


def small_table() -> Dataset:
    X = np.random.default_rng(1).uniform(0.5, 2.0, (ROWS, VARIABLES))
    return Dataset.from_arrays(X, X[:, 0] * X[:, 1] + np.sin(X[:, 2]))


def peak_megabytes() -> float:
    """Of this process since it was executed (getrusage would tell that of the parent, if it was larger)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6
