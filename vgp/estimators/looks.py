"""Who watches a fit: callbacks, the display, the rules of stopping."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from vgp.backends import Islands
from vgp.dataset import Dataset
from vgp.estimators.plan import Plan
from vgp.estimators.stopping import LOOK_TICKS, Exact, HeldOut
from vgp.front import rounding_loss
from vgp.notebook import display_here
from vgp.running import Progress


class Looks(contextlib.AbstractContextManager["Looks"]):
    """Who watches a run: callbacks, the display, the rules of stopping."""

    def __init__(self, islands: Islands, plan: Plan, held_out: Dataset | None) -> None:
        parameters, dataset = islands.parameters, islands.dataset
        assert dataset.y is not None
        squared = parameters.loss == "squared" and plan.loss_function is None
        self.rules: list[Callable[[Progress], bool]] = [Exact(rounding_loss(dataset.y, parameters.precision))] if squared else []
        if held_out is not None:
            checks = plan.loss_function, plan.patience, plan.tolerance
            self.rules.append(HeldOut(held_out, parameters, *checks))
        self.in_tasks = islands.round_ticks > 0
        self.callbacks = plan.callbacks
        self.display = display_here(quiet=not plan.verbose)
        self.shown = time.monotonic()

    def __enter__(self) -> Looks:
        self.display.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.display.__exit__(*error)

    def __call__(self, progress: Progress) -> bool:
        now = time.monotonic()
        if now - self.shown >= self.display.interval:
            self.display.show(progress.snapshot())
            self.shown = now
        asked = [callback(progress) for callback in self.callbacks]
        due = self.in_tasks or progress.tick % LOOK_TICKS == 0
        return any(asked) or (due and any(rule(progress) for rule in self.rules))
