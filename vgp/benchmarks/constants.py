"""Tuned organisms per second on one core: vgp's sandbox against pyoperon, at most ten steps of Levenberg-Marquardt, 1,000 rows.

The same 1,000 trees of 20 to 50 nodes with finite values, 5 variables, float32. Both stop a tree that has converged. vgp's figures
hold everything: hand-over, the fit of slope and intercept in every step, the evaluations before and after that decide which
constants stay. pyoperon is measured twice: with the constants alone, and with the weights that it gives to every variable, as it
is used. pyoperon is optional: `pip install vcloud[bench]`. The bar: 5 times the better of the two.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.evaluation import MIXED, N_TREES, N_VARIABLES, best_times, one_core, random_tree
from vgp.benchmarks.peers import PyoperonPeer
from vgp.dataset import Dataset
from vgp.layout import CONSTANT, Genome, batch
from vgp.sandbox import Sandbox

ROWS, STEPS, BAR = 1000, 10, 5.0
SUBSETS = (0, 512, 256)  # rows that vgp tunes on; 0: all
PIECE = 50  # trees timed together

Row = dict[str, Any]


def run() -> list[Row]:
    """A row per program and way of tuning."""
    with one_core(), tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder:
        X, y = friedman(np.random.default_rng(1))
        path = str(Path(folder) / "table")
        Dataset.from_arrays(X, y).write(path, "float32")
        with Sandbox(path) as sandbox:
            return measure(sandbox, draw(sandbox), X, y)


def friedman(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Friedman's first problem (1991) with its noise, away from 0 for logarithms."""
    X = rng.uniform(0.5, 2.0, (ROWS, N_VARIABLES)).astype(np.float32)
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    return X, (y + rng.normal(size=ROWS)).astype(np.float32)


def draw(sandbox: Sandbox) -> list[Genome]:
    """Trees with at least one constant and finite values."""
    rng, trees = np.random.default_rng(2), list[Genome]()
    while len(trees) < N_TREES:
        drawn = [random_tree(rng, MIXED, int(rng.integers(20, 51))) for _ in range(N_TREES)]
        finite = sandbox.evaluate(*batch(drawn))["status"] == 1
        trees += [tree for tree, ok in zip(drawn, finite, strict=True) if ok and (tree["op"] == CONSTANT).any()]
    return trees[:N_TREES]


def measure(sandbox: Sandbox, trees: list[Genome], X: np.ndarray, y: np.ndarray) -> list[Row]:
    pieces = [trees[i : i + PIECE] for i in range(0, len(trees), PIECE)]
    batches = [batch(piece) for piece in pieces]
    runs: dict[str, list[Callable[[], Any]]] = {}
    for rows in SUBSETS:
        runs[f"vgp, {rows or 'all'} rows"] = [partial(sandbox.tune, *b, steps=STEPS, rows=rows) for b in batches]
    peers = {name: [OperonTuner.of(piece, X, y, weights) for piece in pieces]
             for name, weights in (("pyoperon, constants", False), ("pyoperon, as used", True))}  # fmt: skip
    for name, tuners in peers.items():
        if tuners[0] is not None:
            runs[name] = [tuner.run for tuner in tuners if tuner is not None]
    seconds = best_times(runs)
    rates = {name: len(trees) / time for name, time in seconds.items()}
    best_peer = max((rate for name, rate in rates.items() if name.startswith("pyoperon")), default=None)
    return [{"run": name, "tuned/s": rate, **gain(sandbox, name, batches),
             "x pyoperon": rate / best_peer if best_peer and name.startswith("vgp") else None,
             "of the bar": rate / best_peer / BAR if best_peer and name.startswith("vgp") else None}
            for name, rate in rates.items()]  # fmt: skip


def gain(sandbox: Sandbox, name: str, batches: Sequence[tuple[Genome, Any]]) -> Row:
    """Trials per tree, the share of trees that got better, and how much of the loss these lost in the median."""
    if not name.startswith("vgp"):
        return {"trials": None, "improved": None, "loss left": None}
    rows = dict(zip((f"vgp, {rows or 'all'} rows" for rows in SUBSETS), SUBSETS, strict=True))[name]
    before = np.concatenate([sandbox.evaluate(*b)["loss"] for b in batches])
    results = np.concatenate([sandbox.tune(*b, steps=STEPS, rows=rows)[1] for b in batches])
    better = results["loss"] < before
    left = float(np.median(results["loss"][better] / before[better]))
    return {"trials": float(results["detail"].mean()), "improved": float(better.mean()), "loss left": left}


class OperonTuner(PyoperonPeer):
    """pyoperon's Levenberg-Marquardt on the same trees, one after the other, as its own offspring generator calls it."""

    @classmethod
    def of(cls, trees: Sequence[Genome], X: np.ndarray, y: np.ndarray | None = None, weights: bool = False) -> "OperonTuner | None":
        """The peer, or None where pyoperon is not installed. `weights`: those of variables are tuned too."""
        try:
            import pyoperon
        except ImportError:
            return None
        assert y is not None
        return cls(pyoperon, trees, X, y, weights)

    def __init__(self, pyoperon: Any, trees: Sequence[Genome], X: np.ndarray, y: np.ndarray, weights: bool):
        super().__init__(pyoperon, trees, X)
        self._table = np.asfortranarray(np.column_stack((X, y)), np.float32)
        self._dataset = pyoperon.Dataset(self._table)
        *inputs, target = sorted(self._dataset.Variables, key=lambda variable: variable.Index)
        self._hashes = [variable.Hash for variable in inputs]
        self._weights = weights
        self._trees = [self._translate(tree) for tree in trees]
        self._problem = pyoperon.Problem(self._dataset)
        self._problem.TrainingRange = pyoperon.Range(0, len(y))
        self._problem.TestRange = pyoperon.Range(len(y) - 1, len(y))
        self._problem.Target = target
        self._problem.InputHashes = self._hashes
        self._dispatch = pyoperon.DispatchTable()
        self._optimizer = pyoperon.LMOptimizer(self._dispatch, self._problem, max_iter=STEPS)
        self._tune = pyoperon.CoefficientOptimizer(self._optimizer)
        self._random = pyoperon.RandomGenerator(1)

    def _node(self, node: Any) -> Any:
        leaf = super()._node(node)
        if node["op"] != CONSTANT and hasattr(self, "_weights"):
            leaf.Optimize = self._weights and leaf.IsVariable
        return leaf

    def run(self) -> None:
        for tree in self._trees:
            self._tune(self._random, tree)
