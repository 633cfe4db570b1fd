"""A table whose law no search finds by itself, so that it is known where a better formula comes from.

The law is a sum of fast waves over products: half a turn beside the right frequency nothing is explained, so nothing leads there.
`FORMULAS` has one summand more from step to step, and below `BOUNDS` nothing comes that lacks one of them.
"""

import numpy as np

from tests.vmesh.mesh.workers import eventually

SUMMANDS = (
    "sin(12.7 * a * b + 7.3 * c)",
    "0.03 * sin(11.3 * b * c - 8.9 * a)",
    "0.001 * sin(13.1 * a * c + 6.1 * b)",
)
FORMULAS = tuple(" + ".join(SUMMANDS[: number + 1]) for number in range(len(SUMMANDS)))
SETTINGS = (
    *("--set", "vgp.population_size=60", "--set", "vgp.births_per_tick=10", "--set", "vgp.max_size=60"),
    *("--set", "exchange.interval=0.2", "--set", "vgp.find_blocks=false"),
)


def columns():
    random = np.random.default_rng(7)
    return dict(zip("abc", random.uniform(0.5, 5.0, (3, 200)), strict=True))


def values(formula, table):
    return eval(formula, {"sin": np.sin}, table)


def target(table):
    """With noise well above what rounding leaves: where there is nothing else to explain, a front ends."""
    return values(FORMULAS[-1], table) + np.random.default_rng(8).normal(0.0, 1e-4, 200)


def bounds():
    table = columns()
    y = target(table)
    return tuple(1.5 * float(np.var(y - values(formula, table))) for formula in FORMULAS)


BOUNDS = bounds()


def known(step, workers):
    """By all of these."""
    return all((best := worker.best()) is not None and best < BOUNDS[step] for worker in workers)


def unknown(step, workers):
    """To all of these."""
    return all((best := worker.best()) is None or best >= BOUNDS[step] for worker in workers)


def tell(step, worker):
    """As an administrator: the formula with so many summands and one is known there from now on."""
    report = worker.ask("inject", formulas=[FORMULAS[step]])
    assert report["accepted"] == 1, report
    eventually(lambda: known(step, [worker]))  # a status tells of the last tick that ended


def write_table(path):
    """At this path, which is given back."""
    table = columns()
    rows = zip(*table.values(), target(table), strict=True)
    path.write_text("a,b,c,y\n" + "".join(",".join(repr(float(value)) for value in row) + "\n" for row in rows))
    return path
