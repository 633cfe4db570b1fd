"""Runs of islands that the tests of backends compare."""

import functools

import numpy as np

from tests.backends.states import timeless, timeless_records
from tests.island.tables import SMALL, table
from vgp.backends import open_islands

INTERVAL = 4
LARGER = SMALL.replace(births_per_tick=1000, population_size=1000)
LONGER_TICKS = 35
LONGER = {"parameters": LARGER, "exchange_interval": 15, "sandbox": "on"}  # rounds that last long enough to be disturbed


def opened(what, *, parameters=SMALL, dataset=None, **more):
    """Two islands that exchange every four ticks."""
    more = {"jobs": 2, "seed": 3, "sandbox": "off", "exchange_interval": INTERVAL, **more}
    return open_islands(what, dataset or table(), parameters, **more)


def outcome(islands):
    """Everything that a seed determines of a run."""
    front = [(entry.nodes.tobytes(), entry.loss, entry.slope, entry.intercept) for entry in islands.front()]
    return timeless_records(islands.statistics()), islands.evaluations, front, timeless(islands.state())


def run(what, ticks=(11,), *, start=("2*a + b",), **more):
    """A whole run, advanced in these steps."""
    with opened(what, **more) as islands:
        islands.create(start)
        for step in ticks:
            islands.advance(step)
        return outcome(islands)


@functools.cache
def undisturbed():
    """The longer run, one task after the other."""
    return run("serial", (LONGER_TICKS,), **LONGER)


def errors_squared(outputs, target):
    """A loss in Python."""
    return np.mean((outputs - target) ** 2, axis=1)
