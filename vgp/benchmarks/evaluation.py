"""Evaluation of programs on one core: vgp against pyoperon and NumPy, the same 1,000 trees of 20 to 50 nodes for all, float32.

Trees of the mixed set are drawn until their values are finite on every row, so that nobody gains by giving up early; what vgp
gains by that on trees as they are drawn is a row of its own. vgp computes losses with linear scaling, pyoperon and NumPy only
values. Times are minima over interleaved rounds. pyoperon is optional: `pip install vcloud[bench]`.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.peers import NumpyPeer, PyoperonPeer, agreement
from vgp.dataset import Dataset
from vgp.evaluator import Evaluator
from vgp.layout import ARITIES, CONSTANT, NODE, OPCODES, VARIABLE, Genome, batch, constant_payload

ARITHMETIC = ("add", "sub", "mul")
MIXED = ("add", "sub", "mul", "div", "sin", "cos", "exp", "log", "sqrt")
ROWS = (100, 1_000, 10_000, 100_000)
N_TREES = 1000
N_VARIABLES = 5
PROBE = 39e9  # nodes per second that a probe reached with + - * at 1,000 rows, on another machine
SECONDS = 1.5  # per figure

ExecutorFactory = Callable[[str], Any]


def run(executor_factory: ExecutorFactory | None = None) -> list[dict[str, Any]]:
    """A row per function set and table size. `executor_factory(path)` makes what is measured, with the methods of Evaluator;
    by default that is Evaluator itself, in this process."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rng = np.random.default_rng(1)
    X = rng.uniform(0.5, 2.0, (max(ROWS), N_VARIABLES)).astype(np.float32)
    y = rng.normal(size=max(ROWS)).astype(np.float32)
    with tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder:
        tables = [_write(Path(folder) / str(n), X[:n], y[:n]) for n in ROWS]
        sets = _tree_sets(rng, tables)
        rows = []
        for n, table in zip(ROWS, tables, strict=True):
            rows += [_measure(name, trees, X[:n], table, executor_factory or Evaluator) for name, trees in sets.items()]
        return rows + [_bound(tables[1])]


def random_tree(rng: np.random.Generator, functions: Sequence[str], size: int) -> Genome:
    """A random expression of exactly `size` nodes; a leaf is a constant with probability 0.2."""
    nodes: list[tuple[int, int, int, int]] = []
    odd_only = all(ARITIES[OPCODES[name]] == 2 for name in functions)  # no tree of two nodes then

    def grow(budget: int) -> int:
        if budget == 1:
            is_constant = rng.random() < 0.2
            payload = constant_payload(float(np.float32(rng.normal()))) if is_constant else int(rng.integers(N_VARIABLES))
            nodes.append((CONSTANT if is_constant else VARIABLE, 0, 1, payload))
            return 1
        fitting = [name for name in functions if ARITIES[OPCODES[name]] < budget]
        op = OPCODES[fitting[int(rng.integers(len(fitting)))]]
        if ARITIES[op] == 2:
            left = int(rng.integers(1, budget - 1)) | odd_only
            length = 1 + grow(left) + grow(budget - 1 - left)
        else:
            length = 1 + grow(budget - 1)
        nodes.append((op, ARITIES[op], length, 0))
        return length

    grow(size | odd_only)
    return np.array(nodes, NODE)


def _write(path: Path, X: np.ndarray, y: np.ndarray) -> str:
    Dataset.from_arrays(X, y).write(path, "float32")
    return str(path)


def _tree_sets(rng: np.random.Generator, tables: Sequence[str]) -> dict[str, list[Genome]]:
    def draw(functions: Sequence[str], n: int) -> list[Genome]:
        return [random_tree(rng, functions, int(rng.integers(20, 51))) for _ in range(n)]

    finite: list[Genome] = []
    few, many = Evaluator(tables[1]), Evaluator(tables[-1])
    while len(finite) < N_TREES:
        drawn = draw(MIXED, N_TREES)
        for evaluator in (few, many):
            drawn = [tree for tree, ok in zip(drawn, evaluator.evaluate(*batch(drawn))["status"] == 1, strict=True) if ok]
        finite += drawn
    return {"+ - *": draw(ARITHMETIC, N_TREES), "mixed": finite[:N_TREES], "mixed, as drawn": draw(MIXED, N_TREES)}


def _measure(name: str, trees: list[Genome], X: np.ndarray, table: str, executor_factory: ExecutorFactory) -> dict[str, Any]:
    nodes, offsets = batch(trees)
    peers = {"pyoperon": PyoperonPeer.of(trees, X), "numpy": NumpyPeer(trees[:30], X)}
    executor = executor_factory(table)
    with closing(executor) if hasattr(executor, "close") else nullcontext(executor):
        runs = {"vgp": lambda: executor.evaluate(nodes, offsets)}
        runs |= {key: peer.run for key, peer in peers.items() if peer is not None}
        seconds = _best_times(runs)
        operations = Evaluator(table)
        operations.evaluate(nodes, offsets)
        agree = None
        if peers["pyoperon"] is not None and len(X) <= 10_000:
            agree = agreement(executor.outputs(nodes, offsets), peers["pyoperon"].values)
    speed = len(nodes) * len(X) / seconds["vgp"]
    rates = {key: peer.n_nodes * len(X) / seconds[key] for key, peer in peers.items() if peer is not None}
    return {
        "functions": name,
        "rows": len(X),
        "nodes/s": speed,
        "vector operations/s": operations.counters()[0] / seconds["vgp"],
        "pyoperon nodes/s": rates.get("pyoperon"),
        "x pyoperon": speed / rates["pyoperon"] if "pyoperon" in rates else None,
        "numpy nodes/s": rates["numpy"],
        "x numpy": speed / rates["numpy"],
        "of the probe": speed / PROBE,
        "agreeing trees": agree,
        "us/organism": seconds["vgp"] / len(trees) * 1e6,
    }


def _best_times(runs: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The shortest time of each, measured in turns: a busy machine slows all alike."""
    best = dict.fromkeys(runs, float("inf"))
    rounds, end = 0, time.perf_counter() + SECONDS * len(runs)
    while rounds < 3 or time.perf_counter() < end:
        for name, run_once in runs.items():
            start = time.perf_counter()
            run_once()
            best[name] = min(best[name], time.perf_counter() - start)
        rounds += 1
    return best


def _bound(table: str) -> dict[str, Any]:
    """What this machine's kernels reach on one endless sum of columns: no compiling, no losses to speak of."""
    length = 509  # 255 columns: as deep as a genome may be
    tree = np.zeros(length, NODE)
    tree["op"], tree["length"], tree["payload"] = VARIABLE, 1, np.arange(length) % N_VARIABLES
    sums = slice(2, length, 2)
    tree["op"][sums], tree["arity"][sums], tree["payload"][sums], tree["length"][sums] = OPCODES["add"], 2, 0, np.arange(3, length + 1, 2)
    evaluator, genomes = Evaluator(table), batch([tree] * 100)
    speed = len(genomes[0]) * evaluator.n_rows / _best_times({"vgp": lambda: evaluator.evaluate(*genomes)})["vgp"]
    return {"functions": "bound: one long sum", "rows": evaluator.n_rows, "nodes/s": speed, "of the probe": speed / PROBE}
