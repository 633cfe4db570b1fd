"""How long administrators and newcomers wait while every core evolves.

Round trips of `status`, `peers` and `front` to workers under full load, one at a time over one connection; and the time from the
start of a worker's process until it has a neighbour and its first immigrants, with the table in the cache. The bars: 20 ms for 99
of 100 answers; 1 s for a newcomer.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from vmesh.benchmarks.local_mesh import Running, table, workers

REQUESTS = 1000
COMMANDS = ("status", "peers", "front")
NEWCOMERS = 5
ROUND_TRIP_BAR, JOINING_BAR = 20.0, 1.0

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each command, and one for newcomers."""
    with table() as folder, workers(folder, os.cpu_count() or 1) as running:
        time.sleep(1.0)
        rows = [round_trips(running[0], command) for command in COMMANDS]
        seeds = [worker.address for worker in running[:2]]
        times = sorted(joining(Running(folder, len(running) + k, seeds, ())) for k in range(NEWCOMERS))
    return [
        *rows,
        {"what": "newcomer takes part", "n": NEWCOMERS, **_figures([1000 * t for t in times]), "bar [ms]": 1000 * JOINING_BAR},
    ]


def round_trips(worker: Running, command: str) -> Row:
    """Milliseconds between a request and its answer."""
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        worker.client.ask(command)
        times.append(1000 * (time.perf_counter() - began))
        time.sleep(0.001)
    return {"what": command, "n": REQUESTS, **_figures(sorted(times)), "bar [ms]": ROUND_TRIP_BAR}


def joining(worker: Running) -> float:
    """Seconds from the start of the process until it is linked and has taken immigrants in; the worker is ended then."""
    try:
        worker.wait_ready()
        while True:
            status = worker.status()
            if status["active"] and status["exchange"]["received"]:
                return time.monotonic() - worker.began
            time.sleep(0.002)
    finally:
        worker.close()


def _figures(ordered: list[float]) -> dict[str, float]:
    return {
        "median [ms]": statistics.median(ordered),
        "p99 [ms]": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "most [ms]": ordered[-1],
    }
