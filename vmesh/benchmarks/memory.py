"""Whether a worker's memory stays flat: resident bytes of worker and sandbox over ten minutes with exchange on.

Two workers exchange as by default. After the warm-up the largest figure may be at most 5 % above the first. MINUTES in the
environment makes the run shorter or longer.
"""

from __future__ import annotations

import os
import time
from typing import Any

from vmesh.benchmarks.local_mesh import table, workers

MINUTES = float(os.environ.get("MINUTES", "10"))
WARM_UP = 30.0  # seconds, or a tenth of the run if that is shorter
INTERVAL = 1.0
BAR = 1.05

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each worker."""
    samples: list[list[tuple[int, int]]] = []
    with table() as folder, workers(folder, 2) as running:
        time.sleep(min(WARM_UP, 6.0 * MINUTES))
        end = time.monotonic() + 60.0 * MINUTES
        while time.monotonic() < end:
            statuses = [worker.status() for worker in running]
            samples.append([(status["memory_bytes"], status["sandbox"]["memory_bytes"] or 0) for status in statuses])
            time.sleep(INTERVAL)
        exchanged = [worker.status()["exchange"]["accepted"] for worker in running]
    return [summary(index, [sample[index] for sample in samples], exchanged[index]) for index in range(2)]


def summary(index: int, samples: list[tuple[int, int]], accepted: int) -> Row:
    totals = [worker + sandbox for worker, sandbox in samples]
    return {
        "worker": index,
        "minutes": MINUTES,
        "first [MB]": totals[0] / 1e6,
        "last [MB]": totals[-1] / 1e6,
        "most [MB]": max(totals) / 1e6,
        "most / first": max(totals) / totals[0],
        "bar": BAR,
        "immigrants": accepted,
    }
