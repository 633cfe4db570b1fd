"""vgp: one island with its defaults, and the formula that `vgp fit` would show."""

import math
from collections.abc import Mapping
from typing import Any

from vgp.algebra import scaled, simplify
from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.expression import Floats
from vgp.benchmarks.quality.found import Found
from vgp.dataset import Dataset
from vgp.front import FrontEntry, rounding_loss
from vgp.island import Island
from vgp.layout import ARITIES, CONSTANT, NAMES, VARIABLE, Genome, constant_value
from vgp.model import fitted
from vgp.parameters import ALONE
from vgp.polishing import polished_on

LOOKS = 200  # at the front in a run, evenly over its budget; closer together at its beginning:
CLOSER, SOONEST = 0.05, 0.02  # after so much of the time so far, or so many seconds
MANY_OPERATIONS = 1e4  # times what one rounding leaves: of a law with cancellations
FORMS = {
    "add": "({}+{})", "sub": "({}-{})", "mul": "({}*{})", "div": "({}/{})", "neg": "(-{})", "square": "({}**2)", "pow": "({}**{})",
    "aq": "({}/sqrt(1+{}**2))", "if": "where({},{},{})",
}  # fmt: skip


def fit(X: Floats, y: Floats, budget: Budget, seed: int, settings: Mapping[str, Any]) -> Found:
    """See `Fit`; `settings` are parameters."""
    dataset = Dataset.from_arrays(X, y)
    parameters = ALONE.replace(**settings)
    trace: list[tuple[float, FrontEntry]] = []
    with Island(dataset, parameters, seed=seed) as island:
        budget.living = lambda: int(island.sandbox.report()["pid"])
        island.create()
        seen, enough, asked = look(island, trace, budget), math.inf, 0
        while budget.left and seen < enough:
            island.advance()
            if budget.used - seen > min(budget.seconds / LOOKS, max(seen * CLOSER, SOONEST)):
                seen = look(island, trace, budget)
                if asked < len(trace) and enough == math.inf:
                    asked = len(trace)
                    if explained(island, trace[-1][1].loss):
                        enough = 1.25 * seen + 1  # a little longer, for a smaller formula
        look(island, trace, budget)
        front = polished_on(island, island.front())
        model = fitted(front, dataset, parameters.as_dict(), seed=seed, evaluations=island.evaluations)
        used = budget.used
        budget.living = None
    shown = model.entries[model.chosen]
    steps = [(seconds, text_of_entry(entry)) for seconds, entry in trace]
    return Found(text_of_entry(shown), shown.size, used, model.evaluations, steps)


def explained(island: Island, loss: float) -> bool:
    """Whether only rounding is left, in float64 too: float32 takes many a good approximation for the law."""
    if loss > island.rounding or island.dataset.y is None:
        return False
    return polished_on(island, island.front()).best.loss <= MANY_OPERATIONS * rounding_loss(island.dataset.y, "float64")


def look(island: Island, trace: list[tuple[float, FrontEntry]], budget: Budget) -> float:
    """Notes the front's best if it is another than before; the time of the look."""
    front, used = island.front(), budget.used
    if len(front) and (not trace or front.best is not trace[-1][1]):
        trace.append((used, front.best))
    return used


def text_of_entry(entry: FrontEntry) -> str:
    """The whole formula with all its digits."""
    return text_of(simplify(scaled(entry.nodes, entry.slope, entry.intercept)))


def text_of(nodes: Genome) -> str:
    """A genome as text of expression.py, columns as x0, x1, ..."""
    stack: list[str] = []
    for op, _, _, payload in nodes.tolist():
        if op == VARIABLE:
            stack.append(f"x{payload}")
        elif op == CONSTANT:
            value = constant_value(payload)
            stack.append(repr(value) if value >= 0 else f"({value!r})")
        else:
            operands = stack[len(stack) - ARITIES[op] :]
            del stack[len(stack) - ARITIES[op] :]
            name = NAMES[op]
            stack.append(FORMS[name].format(*operands) if name in FORMS else f"{name}({','.join(operands)})")
    return stack[0]
