"""What the sandbox costs: batches through it against the same evaluator in this process, starting and replacing a worker.

Overheads are medians of the ratios of neighbouring runs, sandbox first and second in turn: a busy machine slows both of a pair.
Where others use the processors too, handing over means queueing for one: then CPU time (module and worker together, spinning
included) is the figure to look at.
"""

import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.evaluation import ARITHMETIC, MIXED, N_VARIABLES, random_tree
from vgp.dataset import Dataset
from vgp.layout import NODE, VARIABLE, Genome, batch
from vgp.sandbox import Sandbox

N_ORGANISMS = 1000
ROWS = 1000
SECONDS = 2.0  # per overhead
REPEATS = 100

Row = dict[str, Any]


def run() -> list[Row]:
    """Overhead at batches of 1,000 organisms on 1,000 rows (bar: 5 %), with module and worker on two processors and on one;
    round trip of one trivial organism; spawn until ready (bar: about 1 ms); kill, respawn and answer."""
    everywhere = set(range(os.cpu_count() or 1))
    rng = np.random.default_rng(1)
    X = rng.uniform(0.5, 2.0, (ROWS, N_VARIABLES))
    data = Dataset.from_arrays(X, rng.normal(size=ROWS))
    with tempfile.TemporaryDirectory(prefix="vgp-bench-") as folder:
        path = Path(folder) / "data"
        data.write(path, "float32")
        rows = []
        for processors, name in ((everywhere, "all processors"), ({min(everywhere)}, "one processor")):
            os.sched_setaffinity(0, processors)
            rows += [_overhead(path, functions, label, name, rng) for functions, label in ((ARITHMETIC, "+ - *"), (MIXED, "mixed"))]
        os.sched_setaffinity(0, everywhere)
        return [*rows, _round_trip(path), _spawn(path), _respawn(path)]


def _overhead(path: Path, functions: tuple[str, ...], label: str, processors: str, rng: np.random.Generator) -> Row:
    nodes, offsets = batch([random_tree(rng, functions, int(rng.integers(20, 51))) for _ in range(N_ORGANISMS)])
    with Sandbox(path) as sandbox, Sandbox(path, mode="off") as here:
        for executor in (sandbox, here):
            executor.evaluate(nodes, offsets)
        worker_clock = (~sandbox.report()["pid"] << 3) | 2  # Linux: the CPU clock of a process
        pairs: list[np.ndarray] = []
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            turn = ((0, sandbox), (1, here)) if len(pairs) % 2 else ((1, here), (0, sandbox))
            pair = np.zeros((2, 2))
            for which, executor in turn:
                before = time.perf_counter(), time.process_time() + time.clock_gettime(worker_clock)
                executor.evaluate(nodes, offsets)
                after = time.perf_counter(), time.process_time() + time.clock_gettime(worker_clock)
                pair[which] = np.subtract(after, before)
            pairs.append(pair)
    seconds = np.array(pairs)  # (pairs, sandbox or here, wall clock or CPU time)
    ratios = np.median(seconds[:, 0] / seconds[:, 1], axis=0)
    best = seconds.min(axis=0)[:, 0]
    return {
        "measured": f"1,000 organisms, {label}, {processors}",
        "ms": best[0] * 1e3,
        "in process ms": best[1] * 1e3,
        "overhead %": (ratios[0] - 1) * 100,
        "of the best %": (best[0] / best[1] - 1) * 100,
        "of CPU time %": (ratios[1] - 1) * 100,
    }


def _round_trip(path: Path) -> Row:
    with Sandbox(path) as sandbox, Sandbox(path, mode="off") as here:
        return {
            "measured": "one trivial organism, there and back",
            "ms": _median(lambda: sandbox.evaluate(*_trivial()), 10 * REPEATS) * 1e3,
            "in process ms": _median(lambda: here.evaluate(*_trivial()), 10 * REPEATS) * 1e3,
        }


def _spawn(path: Path) -> Row:
    opened: list[Sandbox] = []

    def start() -> None:
        opened.append(Sandbox(path))

    times = []
    for _ in range(REPEATS):
        times.append(_seconds(start))
        opened.pop().close()
    return {"measured": "spawn, lock down, ready", "ms": float(np.median(times)) * 1e3}


def _respawn(path: Path) -> Row:
    with Sandbox(path) as sandbox:

        def kill_and_ask() -> None:
            os.kill(sandbox.report()["pid"], signal.SIGKILL)
            sandbox.evaluate(*_trivial())

        return {"measured": "killed, started again, answered", "ms": _median(kill_and_ask, REPEATS) * 1e3}


def _trivial() -> tuple[Genome, np.ndarray]:
    nodes = np.zeros(1, NODE)
    nodes["op"], nodes["length"] = VARIABLE, 1
    return nodes, np.array([0, 1], np.uint32)


def _seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def _median(action: Callable[[], object], n: int) -> float:
    return float(np.median([_seconds(action) for _ in range(n)]))
