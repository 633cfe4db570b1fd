"""The main flow of a fit: a target and its columns in, a model out."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.algebra import genome_of
from vgp.backends import Harvest, Islands, Mesh, backend, open_islands
from vgp.backends.pace import Pace
from vgp.budget import Budget
from vgp.choice import choose
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.estimators.linear import linear_formulas
from vgp.estimators.looks import Looks
from vgp.estimators.plan import Plan
from vgp.estimators.stopping import LOOK_TICKS
from vgp.estimators.table import Target, dataset_of, mean_of, precise, split
from vgp.export import to_text
from vgp.family_tree import lineage_of
from vgp.front import FrontEntry
from vgp.layout import CONSTANT, constant_payload
from vgp.model import Model, fitted
from vgp.provenance import provenance
from vgp.running import run_on
from vgp.statistics import TICK_RECORD


@dataclass(frozen=True)
class Outcome:
    """What the fit of one target leaves."""

    model: Model
    mean: float  # of the target, weighted
    history: npt.NDArray[np.void]
    evaluations: int  # since the first of the fits that went on with each other
    state: bytes | None = None  # to go on from
    interrupted: bool = False


def fit_target(target: Target, plan: Plan, seed: int, before: Outcome | None = None, keep_state: bool = False) -> Outcome:
    """Evolves formulas for one target. before: the outcome to go on from. Ctrl-C ends it, and what was found is kept.

    Raises InputError and its kin for what the user can mend.
    """
    table, held_out = split(target.counted(), plan, seed)
    if (table.y == table.y[0]).all():
        return constant_outcome(table, plan.parameters.as_dict(), seed)
    dataset = dataset_of(table, plan)
    plan = replace(plan, parameters=precise(plan.parameters, dataset))
    found = backend(plan.backend)
    if isinstance(found, Mesh):
        return evolve_in_mesh(found, dataset, plan, seed)
    with opened(dataset, plan, seed, before) as islands:
        return evolve(islands, plan, seed, held_out, before, keep_state)


def evolve(islands: Islands, plan: Plan, seed: int, held_out: Dataset | None, before: Outcome | None, keep_state: bool) -> Outcome:
    """Runs until the budget is used up, a callback or a rule of stopping says so, or Ctrl-C."""
    done, interrupted = islands.evaluations, False
    budget = Budget(plan.seconds, plan.evaluations, islands.step_seconds)
    try:
        islands.follow_lineage()
        if islands.tick == 0:
            islands.create(starts(plan, islands.dataset, before))
        with Looks(islands, plan, held_out) as look:
            run_on(islands, budget, look, before=done, **stepping(islands, plan))
    except KeyboardInterrupt:
        interrupted = True
    history, dataset, front = islands.statistics(), islands.dataset, islands.front_on_all_rows()
    if interrupted and not len(front):
        raise KeyboardInterrupt
    told = {"seed": seed, "evaluations": islands.evaluations, "history": history, "run": run_of(plan, budget.elapsed())}
    told["lineage"] = lineage_of(islands, front, dataset.n_rows, plan.parameters.loss, plan.seeking)
    model = recommending(fitted(islands.polished(front), dataset, islands.parameters.as_dict(), **told), dataset, plan)
    state = islands.state() if keep_state else None
    return Outcome(model, mean_of(dataset), history, islands.evaluations, state, interrupted)


def stepping(islands: Islands, plan: Plan) -> dict[str, Any]:
    """How far a run goes between two looks: in this process to LOOK_TICKS, in tasks to the end of a round."""
    if not islands.round_ticks:
        return {"every": LOOK_TICKS}
    evaluations = None if plan.evaluations is None else islands.evaluations + plan.evaluations
    return {"steps": Pace(islands, seconds=plan.seconds, evaluations=evaluations).ticks}


def evolve_in_mesh(mesh: Mesh, dataset: Dataset, plan: Plan, seed: int) -> Outcome:
    """A mesh runs by itself: no loss in Python, no ticks to look at."""
    if plan.seconds is None:
        raise InputError("a mesh runs for some time: give seconds, not evaluations")
    if plan.loss_function is not None or plan.validation_share or plan.callbacks or plan.start:
        raise InputError("a mesh takes no loss in Python, no start, no callbacks and no early_stopping; use another backend")
    harvest: Harvest = mesh.evolve(dataset, plan.parameters, seconds=plan.seconds, jobs=plan.jobs, seed=seed)
    told = {"seed": seed, "evaluations": harvest.evaluations, "run": run_of(plan, harvest.seconds)}
    model = recommending(fitted(harvest.front, dataset, plan.parameters.as_dict(), **told), dataset, plan)
    return Outcome(model, mean_of(dataset), np.zeros(0, TICK_RECORD), harvest.evaluations, interrupted=harvest.interrupted)


@contextlib.contextmanager
def opened(dataset: Dataset, plan: Plan, seed: int, before: Outcome | None) -> Iterator[Islands]:
    """Islands that begin, or go on from the state of the fit before where that was on this very table."""
    start = partial(open_islands, plan.backend, dataset, sandbox=plan.sandbox, loss_function=plan.loss_function)
    islands = None
    if before is not None and before.state is not None:
        with contextlib.suppress(CheckpointError):  # of another table
            islands = start(state=before.state)
    with islands or start(plan.parameters, jobs=plan.jobs, seed=seed) as running:
        yield running


def starts(plan: Plan, dataset: Dataset, before: Outcome | None) -> Sequence[str]:
    """The formulas to begin with: the user's, those of the fit before, and linear ones."""
    known = () if before is None else before.model.entries
    earlier = [to_text(entry.nodes, entry.names) for entry in known if len(entry.nodes) > 1]
    return [*plan.start, *earlier, *linear_formulas(dataset, plan.parameters)]


def run_of(plan: Plan, seconds: float) -> dict[str, Any]:
    """What a reader of the model needs to do the run again."""
    return provenance(seconds, python=plan.recipe)


def recommending(model: Model, dataset: Dataset, plan: Plan) -> Model:
    """The model with the entry chosen that suits what is sought."""
    return replace(model, chosen=choose(model.entries, dataset.n_rows, model.loss, seeking=plan.seeking))


MOST_LOGIT = 36.0  # its probability is 1 in float64


def constant_outcome(target: Target, parameters: dict[str, Any], seed: int) -> Outcome:
    """Of a target that is one value: that value."""
    value = float(target.y[0])
    if parameters["loss"] == "logistic":
        value = math.copysign(MOST_LOGIT, value - 0.5)
    nodes = genome_of([(CONSTANT, 0, constant_payload(value))])
    entry = FrontEntry(1, 0.0, math.nan, nodes, 1.0, 0.0, 0, target.names)
    model = Model(target.names, target.name, (entry,), 0, parameters, seed=seed)
    return Outcome(model, value, np.zeros(0, TICK_RECORD), 0)
