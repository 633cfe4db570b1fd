"""Programs through the sandbox on one core: vgp against pyoperon and NumPy, the same 1,000 trees of 20 to 50 nodes, float32.

Trees of the mixed set are drawn until their values are finite on every row, so that nobody gains by giving up early; what vgp
gains by that on trees as they are drawn is a row of its own. vgp computes losses with linear scaling, pyoperon and NumPy only
values. The trees are timed in pieces of some milliseconds, the shortest time of each piece is added up, and the peers take turns in
bursts: so a busy machine, and a processor that slows down for a while after wide vectors, wrong nobody. pyoperon is optional:
`pip install vcloud[bench]`.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.peers import NumpyPeer, PyoperonPeer, agreement
from vgp.dataset import Dataset
from vgp.evaluator import Evaluator
from vgp.layout import ARITIES, CONSTANT, NODE, OPCODES, VARIABLE, Genome, batch, constant_payload
from vgp.sandbox import Sandbox

ARITHMETIC = ("add", "sub", "mul")
MIXED = ("add", "sub", "mul", "div", "sin", "cos", "exp", "log", "sqrt")
ROWS = (100, 1_000, 10_000, 100_000)
N_TREES = 1000
N_VARIABLES = 5
PROBE = 39e9  # nodes per second that a probe reached with + - * at 1,000 rows, on another machine
BURST = 0.25  # seconds
BURSTS = 4  # of each program per figure

ExecutorFactory = Callable[[str], Any]


def run(executor_factory: ExecutorFactory | None = None) -> list[dict[str, Any]]:
    """A row per function set and table size. `executor_factory(path)` makes what is measured, with the methods of Evaluator;
    by default that is the sandbox: hand-over, checks and losses are in the figures."""
    with one_core():
        return measure_all(executor_factory or Sandbox)


@contextmanager
def one_core() -> Iterator[None]:
    """This process and those it starts on one processor, until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def measure_all(executor_factory: ExecutorFactory) -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    X = rng.uniform(0.5, 2.0, (max(ROWS), N_VARIABLES)).astype(np.float32)
    y = rng.normal(size=max(ROWS)).astype(np.float32)
    with tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder:
        tables = [_write(Path(folder) / str(n), X[:n], y[:n]) for n in ROWS]
        sets = _tree_sets(rng, tables)
        rows = []
        for n, table in zip(ROWS, tables, strict=True):
            rows += [_measure(name, trees, X[:n], table, executor_factory) for name, trees in sets.items()]
        return [*rows, _bound(tables[2])]


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
    n_rows = len(X)
    size = max(10, min(N_TREES, 300_000 // n_rows))
    if n_rows > 10_000:
        trees = trees[:200]
    pieces = [trees[i : i + size] for i in range(0, len(trees), size)]
    batches = [batch(piece) for piece in pieces]
    operon = [PyoperonPeer.of(piece, X) for piece in pieces]
    by_numpy = NumpyPeer(trees[:20], X)
    executor = executor_factory(table)
    with closing(executor) if hasattr(executor, "close") else nullcontext(executor):
        runs: dict[str, list[Callable[[], Any]]] = {"vgp": [partial(executor.evaluate, *b) for b in batches]}
        runs["numpy"] = [by_numpy.run]
        peers = [peer for peer in operon if peer is not None]
        if peers:
            runs["pyoperon"] = [peer.run for peer in peers]
        seconds = best_times(runs)
        agree = _agreement(executor, batches, peers) if peers and n_rows <= 10_000 else None
    n_nodes = sum(map(len, trees))
    speed, numpy_speed = n_nodes * n_rows / seconds["vgp"], by_numpy.n_nodes * n_rows / seconds["numpy"]
    operon_speed = n_nodes * n_rows / seconds["pyoperon"] if peers else None
    return {
        "functions": name,
        "rows": n_rows,
        "nodes/s": speed,
        "vector operations/s": _operations(table, batches) / seconds["vgp"],
        "pyoperon nodes/s": operon_speed,
        "x pyoperon": speed / operon_speed if operon_speed else None,
        "numpy nodes/s": numpy_speed,
        "x numpy": speed / numpy_speed,
        "of the probe": speed / PROBE,
        "agreeing trees": agree,
        "us/organism": seconds["vgp"] / len(trees) * 1e6,
    }


def _operations(table: str, batches: Sequence[tuple[Genome, Any]]) -> int:
    evaluator = Evaluator(table)
    for nodes, offsets in batches:
        evaluator.evaluate(nodes, offsets)
    return evaluator.counters()[0]


def _agreement(executor: Any, batches: Sequence[tuple[Genome, Any]], peers: Sequence[PyoperonPeer]) -> float:
    shares = [agreement(executor.outputs(*b), peer.values) * len(peer.values) for b, peer in zip(batches, peers, strict=True)]
    return sum(shares) / sum(len(peer.values) for peer in peers)


def best_times(runs: dict[str, list[Callable[[], Any]]]) -> dict[str, float]:
    """Of each program, the sum of the shortest times of its pieces."""
    best = {name: [float("inf")] * len(pieces) for name, pieces in runs.items()}
    for _ in range(BURSTS):
        for name, pieces in runs.items():
            end = time.perf_counter() + BURST
            while True:
                for i, piece in enumerate(pieces):
                    start = time.perf_counter()
                    piece()
                    best[name][i] = min(best[name][i], time.perf_counter() - start)
                if time.perf_counter() > end:
                    break
    return {name: sum(times) for name, times in best.items()}


def _bound(table: str) -> dict[str, Any]:
    """What this machine's kernels reach on one long sum of columns over many rows: compiling and losses hardly count."""
    length = 509  # 255 columns: as deep as a genome may be
    tree = np.zeros(length, NODE)
    tree["op"], tree["length"], tree["payload"] = VARIABLE, 1, np.arange(length) % N_VARIABLES
    sums = slice(2, length, 2)
    tree["op"][sums], tree["arity"][sums], tree["payload"][sums] = OPCODES["add"], 2, 0
    tree["length"][sums] = np.arange(3, length + 1, 2)
    evaluator, genomes = Evaluator(table), batch([tree] * 100)
    speed = len(genomes[0]) * evaluator.n_rows / best_times({"vgp": [lambda: evaluator.evaluate(*genomes)]})["vgp"]
    return {"functions": "bound: one long sum", "rows": evaluator.n_rows, "nodes/s": speed, "of the probe": speed / PROBE}
