"""What a call of another organism costs: x + f() against x + y, and against x + f written out; 1,000 organisms, 1,000 rows."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vgp import genome
from vgp.benchmarks.evaluation import N_VARIABLES, one_core, random_tree
from vgp.dataset import Dataset
from vgp.layout import NODE, OPCODES, REFERENCE, VARIABLE, Genome, batch
from vgp.sandbox import Sandbox

ALWAYS_FINITE = ("add", "sub", "mul", "sin", "cos")
CALLEES, ORGANISMS, ROWS, SIZE, ROUNDS = 20, 1000, 1000, 30, 40


def run() -> list[dict[str, Any]]:
    """A row per way to get the second operand: seconds per organism, and the ratio to a variable's."""
    rng = np.random.default_rng(1)
    X = rng.uniform(0.5, 2.0, (ROWS, N_VARIABLES))
    callees = [random_tree(rng, ALWAYS_FINITE, SIZE) for _ in range(CALLEES)]
    held = {genome.genome_id(callee): callee for callee in callees}
    ids = list(held)
    ways: dict[str, Callable[[int], Genome]] = {
        "x + variable": lambda i: added(i, node(VARIABLE, (i + 1) % N_VARIABLES)),
        "x + call": lambda i: added(i, node(REFERENCE, ids[i % CALLEES])),
        "x + written out": lambda i: added(i, held[ids[i % CALLEES]]),
    }
    with tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder, one_core():
        path = Path(folder) / "table"
        Dataset.from_arrays(X, rng.normal(size=ROWS)).write(path)
        with Sandbox(path) as sandbox:
            batches = {way: batch([make(i) for i in range(ORGANISMS)]) for way, make in ways.items()}
            evaluate = partial(sandbox.evaluate, resolve=held.get)
            seconds = fastest({way: partial(evaluate, *genomes) for way, genomes in batches.items()})
    base = seconds["x + variable"]
    return [
        {"organism": way, "us/organism": 1e6 * taken / ORGANISMS, "x variable": taken / base} for way, taken in seconds.items()
    ]


def fastest(runs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The shortest time of each, taking turns."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, call in runs.items():
            began = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def node(op: int, payload: int) -> Genome:
    return np.array([(op, 0, 1, payload)], NODE)


def added(i: int, operand: Genome) -> Genome:
    """x + operand, x one of the columns."""
    return genome.index(np.concatenate([node(VARIABLE, i % N_VARIABLES), operand, node(OPCODES["add"], 0)]))
