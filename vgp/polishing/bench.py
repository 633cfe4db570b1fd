"""Fits formulas to one table in float64, and finds the numbers in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from vgp.choice import residual_nats
from vgp.dataset import Dataset
from vgp.front import FrontEntry
from vgp.parameters import Parameters
from vgp.polishing.fit import Fit
from vgp.polishing.numbers import Plain, free_nats, plain_numbers
from vgp.sandbox import Sandbox

STEPS = 50  # trials of other constants
LIKELY = 4.0  # standard errors within which a plain number is looked for
BLURRED = 1e-6  # relative error that a constant has at least: rounding of the data
NEGLIGIBLE = 1e-5  # a constant below may be 0 whatever its error says
ZERO = Plain(0.0, 0.0)


@contextmanager
def bench(dataset: Dataset, parameters: Parameters, sandbox: str) -> Iterator[Bench]:
    """A sandbox with the table in float64."""
    with dataset.temporary("float64") as path, Sandbox(path, mode=sandbox, max_organisms=1, outputs_rows=1) as executor:
        yield Bench(executor, dataset, parameters)


class Bench:
    """Fits formulas to one table."""

    def __init__(self, executor: Sandbox, dataset: Dataset, parameters: Parameters) -> None:
        self.rows, self.kind = dataset.n_rows, parameters.loss
        self.variance = dataset.target_variance() if parameters.loss == "squared" else math.nan
        self._how = {"loss": parameters.loss, "linear_scaling": False, "huber_delta": parameters.huber_delta}
        self.executor: Any = executor

    def loss(self, fit: Fit) -> float:
        """Infinite where the formula has no value."""
        return float(self.executor.evaluate(fit.nodes, np.array([0, len(fit.nodes)], np.uint32), **self._how)["loss"][0])

    def tuned(self, fit: Fit) -> Fit:
        """With the best free constants near those it has."""
        nodes, callees = fit.called()
        offsets = np.array([0, len(nodes)], np.uint32)
        tuned, _ = self.executor.tune(nodes, offsets, steps=STEPS, resolve=callees.get, **self._how)
        return fit.taking(tuned)

    def errors(self, fit: Fit) -> dict[int, float]:
        """Standard errors by index of the free constant's node; none where the fit has no value on the table."""
        nodes, callees = fit.called()
        if not fit.free or not math.isfinite(self.loss(fit)):
            return {}
        errors, _, _ = self.executor.standard_errors(nodes, resolve=callees.get, **self._how)
        return dict(zip(fit.free, errors.tolist(), strict=True))

    def recognised(self, fit: Fit) -> Fit:
        """With every number that is worth it in place of a fitted constant, the most likely first."""
        refused: set[tuple[int, float]] = set()
        nats = self._nats(fit)
        while True:
            errors = self.errors(fit)
            for gain, i, plain in self._candidates(fit, errors):
                if (i, plain.value) in refused:
                    continue
                trial = self.tuned(fit.holding(i, plain))
                after = self._nats(trial)
                if after - nats < gain:
                    fit, nats = trial, after
                    break
                refused.add((i, plain.value))
            else:
                return fit

    def _candidates(self, fit: Fit, errors: dict[int, float]) -> list[tuple[float, int, Plain]]:
        """(nats that the number itself saves, constant, number), the most promising first."""
        ranked = []
        for i, error in errors.items():
            value = fit.value(i)
            known = math.isfinite(error)
            spread = max(error, BLURRED * abs(value), 1e-300) if known else 0.0
            near = plain_numbers(value, LIKELY * spread) if known else [ZERO, Plain(math.copysign(1.0, value), math.log(2))]
            if abs(value) < NEGLIGIBLE and known:
                near.append(ZERO)
            for plain in near:
                gain = free_nats(value, error, self.rows) - plain.nats
                off = (plain.value - value) / spread if known and plain.value else 0.0
                ranked.append((gain - off * off / 2, gain, i, plain))
        ranked.sort(key=lambda candidate: (-candidate[0], candidate[2], candidate[3].nats))
        return [(gain, i, plain) for likely, gain, i, plain in ranked if likely > 0]

    def _nats(self, fit: Fit) -> float:
        loss = self.loss(fit)
        share = loss / self.variance if self.kind == "squared" else loss
        return self.rows * residual_nats(share, self.kind) if math.isfinite(loss) else math.inf

    def judged(self, entry: FrontEntry, fit: Fit) -> FrontEntry:
        """The entry with its loss and the errors of its constants, then of slope and intercept; 0 for those that are recognised."""
        known, loss = self.errors(fit), self.loss(fit)
        errors = [known.get(i, 0.0) for i in fit.constants]
        n = sum(fit.line)
        line = errors[:n]
        intercept, slope = (line[0] if fit.line[0] else 0.0), (line[-1] if fit.line[1] else 0.0)
        return replace(entry, loss=loss, r2=1.0 - loss / self.variance, errors=(*errors[n:], slope, intercept))
