"""Whole evolution on one core: vgp against pyoperon, population 1,000, 1,000 rows, 5 variables, the same functions.

Nobody tunes constants; both scale linearly; genomes are at most 50 nodes and 10 levels. Runs take turns, and each figure is the
median of the rounds. Rates are per second of CPU time, of all threads and processes (vgp's sandbox too), because a machine
that others share gives a run any part of a wall-clock second; `wall` is how many of those passed per CPU second. Nodes are those
really computed: vgp stops at the first block of rows with a value that is not finite. pyoperon's mean sizes are of what it
evaluated, as vgp's. The bar: 3.5 times the better of pyoperon's two runs in both rates.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.benchmarks.operon import MAX_DEPTH, MAX_LENGTH, POPULATION, OperonRun
from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters

FUNCTIONS = ("add", "sub", "mul", "div", "sin", "cos", "exp", "log", "sqrt", "square")
ROWS, VARIABLES = 1000, 5
GENERATIONS = 100
ROUNDS = 3
BAR = 3.5

Row = dict[str, Any]
Table = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def run() -> list[Row]:
    """A row for vgp and for each of pyoperon's algorithms. Without pyoperon the ratios are missing."""
    table = friedman(np.random.default_rng(1))
    runs: dict[str, Callable[[Table, int], Row]] = {"vgp": vgp_run}
    if pyoperon_is_here():
        runs |= {"pyoperon": single_objective, "pyoperon NSGA-II": nsga2}
    with one_processor():
        rounds = [{name: measure(table, seed) for name, measure in runs.items()} for seed in range(1, ROUNDS + 1)]
    for measured in rounds:
        compare(measured)
    return [{"run": name, **medians([measured[name] for measured in rounds])} for name in runs]


def friedman(rng: np.random.Generator) -> Table:
    """Friedman's first problem (1991), with its noise."""
    X = rng.uniform(size=(ROWS, VARIABLES))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    return X, y + rng.normal(size=ROWS)


def pyoperon_is_here() -> bool:
    try:
        import pyoperon  # noqa: F401
    except ImportError:
        return False
    return True


@contextmanager
def one_processor() -> Iterator[None]:
    """This process, and the sandboxes that it starts, on one processor."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(usable)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


def vgp_run(table: Table, seed: int) -> Row:
    parameters = Parameters(
        population_size=POPULATION, births_per_tick=POPULATION, max_size=MAX_LENGTH, max_depth=MAX_DEPTH, functions=FUNCTIONS
    )
    with Island(Dataset.from_arrays(*table), parameters, seed=seed) as island:
        pid = island.sandbox.report()["pid"]
        start, module, worker = time.perf_counter(), time.process_time(), cpu_seconds_of(pid)
        island.create()
        island.advance(GENERATIONS)
        wall, module, worker = time.perf_counter() - start, time.process_time() - module, cpu_seconds_of(pid) - worker
        record = island.statistics()[-1]
        evaluations = int(record["evaluations"])
        return {
            **rates(evaluations, int(island.sandbox.report()["node_evaluations"]), module + worker, wall),
            "mean size": int(record["node_evaluations"]) / ROWS / evaluations,
            "best loss": float(record["best_loss"]),
            "module us": 1e6 * module / evaluations,
            "sandbox us": 1e6 * worker / evaluations,
        }


def single_objective(table: Table, seed: int) -> Row:
    return operon_run(table, seed, multi_objective=False)


def nsga2(table: Table, seed: int) -> Row:
    return operon_run(table, seed, multi_objective=True)


def operon_run(table: Table, seed: int, *, multi_objective: bool) -> Row:
    operon = OperonRun(*table, FUNCTIONS, GENERATIONS, seed, multi_objective=multi_objective)
    start = time.perf_counter()
    seconds = operon.run()
    wall = time.perf_counter() - start
    return {
        **rates(operon.evaluations, operon.evaluated_nodes * ROWS, seconds, wall),
        "mean size": operon.evaluated_nodes / operon.evaluations,
        "best loss": operon.best_error,
    }


def rates(evaluations: int, node_evaluations: int, seconds: float, wall: float) -> Row:
    return {
        "evaluations/s": evaluations / seconds,
        "node evaluations/s": node_evaluations / seconds,
        "us/organism": 1e6 * seconds / evaluations,
        "wall": wall / seconds,
    }


def cpu_seconds_of(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)  # the kernel's number for the CPU clock of another process


def compare(measured: dict[str, Row]) -> None:
    """Gives vgp's row the ratios to the better of the peers, figure by figure."""
    peers = [row for name, row in measured.items() if name != "vgp"]
    for figure in ("evaluations/s", "node evaluations/s"):
        if peers:
            measured["vgp"][f"x {figure}"] = measured["vgp"][figure] / max(peer[figure] for peer in peers)
    if peers:
        measured["vgp"]["bar"] = BAR


def medians(rows: list[Row]) -> Row:
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}
