"""Models to draw, without a run: Kepler's front, a made-up history, a family."""

import math

import numpy as np

from tests.dataset.test_history import records
from vgp.ancestors import Ancestor
from vgp.dataset import Dataset
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.genome import genome_id
from vgp.model import fitted

NAMES = ("axis", "mass", "spin")
FORMULAS = ("axis", "axis*axis", "axis*sqrt(axis)", "axis*sqrt(axis + 0.01*mass)")
HOSTILE = '<script>alert("x")</script> $\\frac{ & \x00\x1b"\''


def entries_of(names=NAMES, formulas=FORMULAS, losses=(1e6, 1e4, 2.0, 0.5)):
    """A front; the losses are as they are given, whatever the formulas say."""
    entries = []
    for formula, loss in zip(formulas, losses, strict=True):
        nodes = parse(formula, NAMES)
        errors = (*[0.001] * int((nodes["op"] == 0).sum()), 1.5, math.inf)
        entries.append(
            FrontEntry(len(nodes), loss, 1 - loss / 1e7, nodes, 365.25, -1.5, genome_id(nodes), tuple(names), errors)
        )
    return tuple(entries)


def dataset_of(names=NAMES, target="period", rows=50):
    """Kepler's law with noise."""
    random = np.random.default_rng(1)
    X = random.uniform(0.3, 30, (rows, 3))
    return Dataset.from_arrays(X, 365.25 * X[:, 0] ** 1.5 - 1.5 + random.normal(0, 1, rows), names=names, target=target)


def lineage_of(generations=4, formula="axis*sqrt(axis)"):
    """Two parents each, from a generation of two on."""
    made, before = [], (901, 902)
    for generation in range(generations - 1):
        ids = (2 * generation + 1, 2 * generation + 2)
        made += [Ancestor(id, before, generation, 10.0 ** (6 - generation), 4, formula) for id in ids]
        before = ids
    return (*made, Ancestor(99, before, generations, 0.5, 4, formula))


def model_of(names=NAMES, target="period", dataset=None, **told):
    """A model that remembers everything, or what `told` says instead."""
    whole = {"seed": 7, "evaluations": 12345, "history": records(60), "lineage": lineage_of()}
    dataset = dataset or dataset_of(names, target)
    return fitted(entries_of(names), dataset, {"loss": "squared", "population_size": 777}, **(whole | told))
