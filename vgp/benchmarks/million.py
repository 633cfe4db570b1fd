"""One million organisms of 30 nodes: how long creating, checkpointing and resuming them takes, and how much memory.

Measured in a process of its own, so that the memory is that of the island and of Python and its modules, nothing else. The table
is small, 100 rows of 5 columns: the figures are about the store of organisms; evaluating them takes its share of `create`.
The bars: created in 3 s, checkpointed in 3 s, 600 MB at most.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters

ORGANISMS, NODES = 1_000_000, 30
ROWS, VARIABLES = 100, 5
SECONDS_BAR, MEGABYTES_BAR = 3.0, 600.0
BIRTHS = 8192

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each command: seconds of wall clock and of CPU, peak memory of the process up to then, the bars."""
    with tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder:
        command = [sys.executable, "-c", "from vgp.benchmarks.million import measure; measure()", folder]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure() -> None:
    """In the child: prints each row as a line of JSON."""
    path = Path(sys.argv[1]) / "million.vgp"
    dataset = small_table()
    parameters = Parameters(
        population_size=ORGANISMS, births_per_tick=BIRTHS, max_size=NODES, initial_size=NODES, initial_minimum=NODES
    )
    with Island(dataset, parameters, seed=1) as island:
        command("create", island.create, island, bar=SECONDS_BAR)
        command("tick", island.advance, island)
        command("checkpoint", lambda: island.checkpoint(path), island, bar=SECONDS_BAR)
        sizes = island.living()["size"]
        print(json.dumps({"command": "mean nodes", "value": float(sizes.mean())}))


def small_table() -> Dataset:
    rng = np.random.default_rng(1)
    X = rng.uniform(0.5, 2.0, (ROWS, VARIABLES))
    return Dataset.from_arrays(X, X[:, 0] * X[:, 1] + np.sin(X[:, 2]))
