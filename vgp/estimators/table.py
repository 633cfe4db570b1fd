"""What is to be explained, and by what: from arrays to the table that evolution sees."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vgp.data_checks import Floats
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.estimators.plan import Plan
from vgp.estimators.rows import canonical
from vgp.origin import InMemory
from vgp.parameters import Parameters


@dataclass(frozen=True)
class Target:
    """X [n, columns], y [n], weights [n] or None, all finite; columns' names and the target's."""

    X: Floats
    y: Floats
    weights: Floats | None
    names: tuple[str, ...]
    name: str

    def taking(self, rows: npt.NDArray[np.bool_]) -> Target:
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, X=self.X[rows], y=self.y[rows], weights=weights)

    def counted(self) -> Target:
        """Without the rows of no weight."""
        return self if self.weights is None else self.taking(self.weights > 0)


def split(target: Target, plan: Plan, seed: int) -> tuple[Target, Dataset | None]:
    """What is evolved on, and the rows held out from it, if any. Raises InputError where there are too few."""
    if not plan.validation_share:
        return target, None
    chosen = np.random.default_rng(seed).random(len(target.y)) < plan.validation_share
    if not chosen.any() or chosen.all():
        raise InputError(f"early_stopping: {len(target.y)} rows are too few to hold {plan.validation_share:.0%} of them out")
    out = target.taking(chosen)
    return target.taking(~chosen), Dataset(out.names, out.name, out.X, out.y, out.weights, InMemory())


def dataset_of(target: Target, plan: Plan) -> Dataset:
    """The table. A loss in Python sees the rows as the user gave them; any other sees them in an order of their own."""
    X, y, weights = target.X, target.y, target.weights
    if plan.loss_function is None:
        X, y, weights = canonical(X, y, weights)
    elif weights is not None:
        if (weights != weights[0]).any():
            raise InputError("sample_weight does not reach a loss written in Python; weigh within the loss, or use a built-in one")
        weights = None
    return Dataset.from_arrays(X, y, names=target.names, target=target.name, weights=weights, units=plan.units)


def precise(parameters: Parameters, dataset: Dataset) -> Parameters:
    """The parameters, with float64 where float32 cannot hold the table."""
    try:
        dataset.check_precision(parameters.precision)
    except InputError:
        return parameters.replace(precision="float64")
    return parameters


def mean_of(dataset: Dataset) -> float:
    """Of the target, weighted."""
    assert dataset.y is not None
    return float(np.average(dataset.y, weights=dataset.weights))
