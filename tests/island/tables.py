"""Tables and islands for these tests: small enough that a whole run takes a fraction of a second."""

import numpy as np

from vgp.dataset import Dataset
from vgp.island import Island
from vgp.parameters import Parameters
from vgp.statistics import REPRODUCIBLE

SMALL = Parameters(population_size=60, births_per_tick=60, max_size=20)
CALLING = SMALL.replace(  # a population in which many call others
    reference_create=0.5,
    reference_inline=0.05,
    reference_drop=0.05,
    reference_depth=4,
    reference_arguments=3,
    library_size=64,
    max_expanded_size=200,
)


def table(rows=64, seed=5, names=("a", "b", "c"), target=None):
    """Rows of three columns and a law with a constant and a curve in it."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.5, 2.0, (rows, len(names)))
    y = x[:, 0] * 2.5 + np.sin(x[:, 1]) / x[:, -1] if target is None else target(x)
    return Dataset.from_arrays(x, y, names=names, target="y")


def started(parameters=SMALL, *, ticks=0, seed=1, sandbox="off", dataset=None, **more):
    """An island with its population, `ticks` later."""
    island = Island(dataset or table(), parameters, seed=seed, sandbox=sandbox, **more)
    try:
        island.create()
        if ticks:
            island.advance(ticks)
    except BaseException:
        island.close()
        raise
    return island


def state(island):
    """Everything of a run that a seed determines: statistics, the living in their order, their genomes."""
    records = np.array([tuple(record) for record in island.statistics()[REPRODUCIBLE]])
    return records.tobytes(), island.living().tobytes(), island.export("all")


def genomes(island, which="all"):
    """id -> genome of the chosen organisms and of all that they call."""
    from vgp.genome import decode_bundle

    bundle = decode_bundle(island.export(which))
    return {int(bundle.ids[i]): bundle.genome(i) for i in range(len(bundle))}
