"""Evaluations a second of two workers against one, and what exchange costs.

Meshes of one worker, of two without exchange and of two with the defaults take turns, several times. Beside evaluations per second
of wall clock stand those per second of CPU time, worker and sandbox together, which alone mean something where others use the
machine. Populations that exchange take other ways, so that the two meshes of two evaluate organisms of other sizes, and their rates
scatter by 10 %; what exchange takes from evolution is told by the CPU time of the network's thread, as a share of one core. The
bars: two workers reach 1.9 times one; with exchange that share is at most 2 % larger than without.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from vmesh.benchmarks.local_mesh import Running, table, workers

ROUNDS = 5
WARM_UP, SECONDS = 1.0, 6.0
# Runs of equal length of the same seeds: what differs is the mesh, not the luck of the draw.
FIXED = ("worker.seed=7",)
MESHES = {"one": (1, ()), "two, no exchange": (2, ("exchange.interval=0",)), "two": (2, ())}

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each mesh: medians over the rounds; ratios are medians of the ratios within rounds."""
    with table() as folder:
        measured = [{name: measure(folder, *mesh) for name, mesh in MESHES.items()} for _ in range(ROUNDS)]
    rows = [
        {"mesh": name, **{key: statistics.median(m[name][key] for m in measured) for key in measured[0][name]}} for name in MESHES
    ]
    rows[1]["x one"] = median_ratio(measured, "two, no exchange", "one")
    rows[2] |= {"x one": median_ratio(measured, "two", "one"), "bar": 1.9}
    with_exchange, without = (statistics.median(m[name]["network share"] for m in measured) for name in ("two", "two, no exchange"))
    rows[2] |= {"exchange costs": with_exchange - without, "at most": 0.02}
    return rows


def measure(folder: Path, count: int, settings: tuple[str, ...]) -> dict[str, float]:
    """Evaluations by wall clock and by CPU time of one mesh."""
    with workers(folder, count, *FIXED, *settings) as running:
        time.sleep(WARM_UP)
        began, before = time.monotonic(), look(running)
        time.sleep(SECONDS)
        after, seconds = look(running), time.monotonic() - began
    done, cpu, network = (later - earlier for later, earlier in zip(after, before, strict=True))
    return {"evaluations/s": done / seconds, "per CPU second": done / cpu, "network share": network / seconds / count}


def look(running: list[Running]) -> tuple[float, float, float]:
    """Evaluations, CPU seconds, and those of the network's threads so far, of all workers."""
    evaluations = sum(worker.status()["evaluations"] for worker in running)
    cpu = sum(worker.cpu_seconds() for worker in running)
    return evaluations, cpu, sum(worker.network_seconds() for worker in running)


def median_ratio(measured: list[dict[str, dict[str, float]]], above: str, below: str, figure: str = "evaluations/s") -> float:
    return statistics.median(one[above][figure] / one[below][figure] for one in measured)
