"""The last strokes on a front: constants in all digits of float64, and those that the data do not tell from a plain number (2, 3/4,
pi) become it, when that makes formula and residuals together shorter to tell (see vgp.choice); what has no effect then falls away.

A number that was recognised is written as a call of an organism that is this number: the sandbox tunes no constant inside a call,
so the others are fitted around it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.front import Front, FrontEntry, merge, rounding_loss
from vgp.layout import Genome
from vgp.parameters import Parameters
from vgp.polishing.bench import Bench, bench
from vgp.polishing.fit import Fit

if TYPE_CHECKING:
    from vgp.island import Island

LEAST_GAIN = 1e-6  # of the loss, for a larger formula: constants that were fitted better show that two are the same one
MOST_ROWS = 20_000  # that constants are recognised on, spread evenly

Admissible = Callable[[Genome], bool] | None


def polished_on(island: Island, front: Sequence[FrontEntry]) -> Front:
    """The polished front of a run that ended on this island. With a loss written in Python it stays as it is."""
    if island.own_loss:
        return Front(tuple(front))
    mode = str(island.sandbox.report()["mode"])
    judge = island.admits if is_held(island.dataset, island.parameters) else None
    return polished(front, island.dataset, island.parameters, sandbox=mode, admissible=judge)


def polished_alone(front: Sequence[FrontEntry], dataset: Dataset, parameters: Parameters, sandbox: str = "on") -> Front:
    """The polished front of a run whose islands are elsewhere: one is begun here where units or constraints have to be judged."""
    from vgp.island import Island

    if not is_held(dataset, parameters):
        return polished(front, dataset, parameters, sandbox=sandbox)
    with Island(dataset, parameters, sandbox=sandbox) as judge:
        return polished_on(judge, front)


def is_held(dataset: Dataset, parameters: Parameters) -> bool:
    """Whether formulas are held to units or constraints, which an island judges (`Island.admits`)."""
    return dataset.units is not None or bool(parameters.constraints)


def polished(
    front: Sequence[FrontEntry], dataset: Dataset, parameters: Parameters, *, sandbox: str = "on", admissible: Admissible = None
) -> Front:
    """The front of the polished formulas, with losses in float64 and `errors` of their constants.

    admissible: whether units and constraints hold in a genome; a formula that would break them stays as it is. Without it nothing
    is changed where there are any. Raises SandboxError if there can be no sandbox.
    """
    if admissible is None and is_held(dataset, parameters):
        return Front(tuple(front))
    assert dataset.y is not None
    rounding = rounding_loss(dataset.y, "float64") if parameters.loss == "squared" else 0.0
    some = dataset if dataset.n_rows <= MOST_ROWS else _spread(dataset)
    with ExitStack() as benches:
        whole = benches.enter_context(bench(dataset, parameters, sandbox))
        part = whole if some is dataset else benches.enter_context(bench(some, parameters, sandbox))
        return merge([Front(tuple(_polish(entry, part, whole, admissible) for entry in front))], rounding, LEAST_GAIN)


def _spread(dataset: Dataset) -> Dataset:
    """Some of the rows; all of them where some are too few to be a table."""
    try:
        return dataset.taking(dataset.spread_rows(MOST_ROWS))
    except InputError:  # no weight, or one value only, in all of them
        return dataset


def _polish(entry: FrontEntry, part: Bench, whole: Bench, admissible: Admissible) -> FrontEntry:
    before = Fit.of(entry)
    if not math.isfinite(whole.loss(before)):  # it has a value in float32 alone
        return entry
    fit = part.recognised(part.tuned(before))
    if part is not whole:
        fit = whole.tuned(fit)
    fit = fit.without_neutral()
    after = fit.entry(entry)
    if not math.isfinite(whole.loss(fit)) or (admissible is not None and not admissible(after.nodes)):
        return whole.judged(entry, before)
    return whole.judged(after, fit)
