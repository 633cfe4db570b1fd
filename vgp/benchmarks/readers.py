"""How long another thread waits for an answer while an island advances: the front, an export of it, the last record, a sample.

The default population, and 100,000 organisms with few and with many births in a tick. The bar is in milliseconds, for the 99th
percentile, on a machine with a processor for each thread.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from vgp.benchmarks.evolution import friedman
from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters

SHAPES = ((1000, 1000), (100_000, 1000), (100_000, 100_000))  # population, births in a tick
SECONDS = 4.0
PAUSE = 0.003  # between two questions
BAR = 10.0

Row = dict[str, Any]


def run() -> list[Row]:
    """A row for each shape of population and question."""
    return [row for population, births in SHAPES for row in measure(population, births)]


def measure(population: int, births: int) -> list[Row]:
    parameters = Parameters(population_size=population, births_per_tick=births)
    with Island(Dataset.from_arrays(*friedman(np.random.default_rng(1))), parameters, seed=1) as island:
        island.create()
        questions: dict[str, Callable[[], object]] = {
            "front": island.front,
            "export": island.export,
            "latest": island.latest,
            "sample of 200": lambda: island.sample(200, 1),
        }
        waits = ask_while_it_advances(island, questions)
    shape = {"population": population, "births": births}
    return [{**shape, "question": name, **figures(waited)} for name, waited in waits.items()]


def ask_while_it_advances(island: Island, questions: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Milliseconds that each answer took."""
    over = threading.Event()

    def advance() -> None:
        while not over.is_set():
            island.advance()

    waits: dict[str, list[float]] = {name: [] for name in questions}
    thread = threading.Thread(target=advance)
    thread.start()
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for name, question in questions.items():
                start = time.perf_counter()
                question()
                waits[name].append(1e3 * (time.perf_counter() - start))
                time.sleep(PAUSE)
    finally:
        over.set()
        thread.join()
    return waits


def figures(waited: list[float]) -> Row:
    return {
        "asked": len(waited),
        "median ms": float(np.median(waited)),
        "99 % ms": float(np.percentile(waited, 99)),
        "most ms": max(waited),
        "bar": BAR,
    }
