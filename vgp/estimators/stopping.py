"""When enough is enough: rows held out get no better, or the law is found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from vgp.data_checks import Floats
from vgp.dataset import Dataset
from vgp.front import FrontEntry
from vgp.model import Model, logistic, values_of
from vgp.own_loss import LossFunction, python_losses
from vgp.parameters import Parameters
from vgp.running import Progress

LOOK_TICKS = 10  # a run stops at a multiple of these, wherever the clock stands
EXACT_TICKS = 100  # for which nothing smaller is found, either


@dataclass
class Exact:
    """True when for EXACT_TICKS the front has ended in the same law, which leaves of the target only what rounding makes."""

    rounding: float
    size: int = 0
    since: int = 0

    def __call__(self, progress: Progress) -> bool:
        front = progress.front
        if not len(front) or front.best.loss > self.rounding or progress.tick < self.since:
            self.size = 0
            return False
        if front.best.size != self.size:
            self.size, self.since = front.best.size, progress.tick
        return progress.tick - self.since >= EXACT_TICKS


@dataclass
class HeldOut:
    """True when for `patience` ticks no formula of the front did better, by a share of `tolerance`, on the rows held out."""

    dataset: Dataset
    parameters: Parameters
    loss_function: LossFunction | None
    patience: int  # ticks
    tolerance: float
    best: float = math.inf
    since: int = 0
    known: dict[int, float] = field(default_factory=dict)  # losses by organism

    def __call__(self, progress: Progress) -> bool:
        least = min((self.loss(entry) for entry in progress.front), default=math.inf)
        if least < self.best * (1.0 - self.tolerance):
            self.best, self.since = least, progress.tick
        return progress.tick - self.since >= self.patience

    def loss(self, entry: FrontEntry) -> float:
        if entry.id not in self.known:
            self.known[entry.id] = self._judge(entry)
        return self.known[entry.id]

    def _judge(self, entry: FrontEntry) -> float:
        data = self.dataset
        model = Model(data.names, data.target, (entry,), 0, self.parameters.as_dict())
        columns = dict(zip(data.names, data.X.T, strict=True))
        values = values_of(model, columns, entry, sandbox="off", n_rows=data.n_rows)
        if not np.isfinite(values).all():
            return math.inf
        assert data.y is not None
        if self.loss_function is not None:
            return float(python_losses(self.loss_function, values[None, :], data.y)[0])
        return float(np.average(losses(values, data.y, self.parameters), weights=data.weights))


def losses(values: Floats, target: Floats, parameters: Parameters) -> Floats:
    """The loss of each row [n], as `Parameters.loss` names it."""
    errors = values - target
    if parameters.loss == "absolute":
        return np.abs(errors)
    if parameters.loss == "huber":
        near, delta = np.abs(errors), parameters.huber_delta
        return np.where(near <= delta, 0.5 * errors**2, delta * (near - 0.5 * delta))
    if parameters.loss == "logistic":
        chance = np.clip(logistic(values), 1e-15, 1 - 1e-15)
        return np.asarray(-np.log(np.where(target > 0, chance, 1.0 - chance)))
    return np.asarray(errors**2)
