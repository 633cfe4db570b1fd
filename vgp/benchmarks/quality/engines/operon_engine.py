"""pyoperon through its scikit-learn face: NSGA-II on error and length, five Levenberg-Marquardt steps for every organism.

Population, operators and limits are the face's own defaults; objectives as in its makers' example, five steps as in their entry to
SRBench. Two things are better for it than its defaults. No errors are taken for equal (`epsilon`): with 1e-5 it missed two of four
laws that it finds without. And the formula is chosen from the front by the Bayesian information criterion: description length must
be told the noise, which nobody knows. It stops by CPU time: after each generation a callback looks at the clock, and takes the
evaluators' budget away.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyoperon.sklearn as face

from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.engines.functions import common
from vgp.benchmarks.quality.expression import Floats, parse
from vgp.benchmarks.quality.found import Found

ENDLESS = 2_000_000_000
LACKS = {"neg": "", "if": "", "less": "", "less_equal": "", "greater": "", "greater_equal": "", "min": "fmin", "max": "fmax"}
RECOMMENDED: dict[str, Any] = {
    "objectives": ["r2", "length"],
    "optimizer_iterations": 5,
    "epsilon": 0.0,
    "model_selection_criterion": "bayesian_information_criterion",
    "generations": ENDLESS,
    "max_evaluations": ENDLESS,
    "n_threads": 1,
}
FORMS = {
    **{"Add": "({}+{})", "Sub": "({}-{})", "Mul": "({}*{})", "Div": "({}/{})", "Aq": "({}/sqrt(1+{}**2))", "Pow": "({}**{})"},
    **{"Fmin": "min({},{})", "Fmax": "max({},{})", "Powabs": "(abs({})**{})", "Logabs": "log(abs({}))", "Log1p": "log(1+{})"},
    "Sqrtabs": "sqrt(abs({}))",
}
Node = tuple[str, int, float, int]  # type, operands, value or weight, hash of the variable


def fit(X: Floats, y: Floats, budget: Budget, seed: int, settings: Mapping[str, Any]) -> Found:
    """See `Fit`; `settings` are arguments of pyoperon.sklearn.SymbolicRegressor."""
    symbols = ",".join([*common(LACKS), "constant", "variable"])
    regressor = face.SymbolicRegressor(**{"allowed_symbols": symbols, "random_state": seed + 1, **RECOMMENDED, **settings})
    watch = Watch(face.op, budget)
    face.op, original = watch, face.op
    try:
        regressor.fit(X, y)
    finally:
        face.op = original
    columns = {hash_: f"x{k}" for k, hash_ in enumerate(regressor.variables_)}
    trace = [(seconds, scaled(text_of(nodes, columns), X, y)) for seconds, nodes in watch.trace]
    nodes = copied(regressor.model_)
    return Found(text_of(nodes, columns), len(nodes), watch.used, watch.evaluations, trace)


class Watch:
    """Stands for the module pyoperon while its face runs: makes what it makes, and puts a callback into the algorithm's run.

    The face holds its components, and gives the algorithm no callback of its own.
    """

    def __init__(self, operon: Any, budget: Budget) -> None:
        self._operon, self._budget = operon, budget
        self._evaluators: list[Any] = []
        self._best = np.inf
        self.trace: list[tuple[float, list[Node]]] = []
        self.used, self.evaluations = 0.0, 0

    def __getattr__(self, name: str) -> Any:
        made = getattr(self._operon, name)
        if name in ("GeneticProgrammingAlgorithm", "NSGA2Algorithm"):
            return lambda *parts: Watched(made(*parts), self)
        if name.endswith("Evaluator"):
            return lambda *parts: self._kept(made(*parts))
        return made

    def _kept(self, evaluator: Any) -> Any:
        self._evaluators.append(evaluator)
        return evaluator

    def look(self, algorithm: Any) -> None:
        """After a generation."""
        self.used = self._budget.used
        best = algorithm.BestModel
        error = best.GetFitness(0)
        if error < self._best:
            self._best = error
            self.trace.append((self.used, copied(best.Genotype)))
        if self.used >= self._budget.seconds:
            self.evaluations = max(evaluator.CallCount for evaluator in self._evaluators)
            for evaluator in self._evaluators:
                evaluator.Budget = 0


class Watched:
    """An algorithm whose run is watched."""

    def __init__(self, algorithm: Any, watch: Watch) -> None:
        self._algorithm, self._watch = algorithm, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._algorithm, name)

    def Run(self, random: Any, _: Any, threads: int, warm_start: bool) -> None:
        """As pyoperon's, the callback put in."""
        self._algorithm.Run(random, lambda: self._watch.look(self._algorithm), threads, warm_start)


def copied(tree: Any) -> list[Node]:
    """A tree's nodes in postfix order, as plain values: the tree itself goes on changing."""
    return [(str(node.Type).rpartition(".")[2], node.Arity, float(node.Value), int(node.HashValue)) for node in tree.Nodes]


def text_of(nodes: list[Node], columns: Mapping[int, str]) -> str:
    """A tree as text of expression.py. In pyoperon's postfix the first operand stands last; variables carry a weight."""
    stack: list[str] = []
    for kind, arity, value, hash_ in nodes:
        if kind == "Variable":
            stack.append(columns[hash_] if value == 1 else f"({value!r}*{columns[hash_]})")
        elif kind == "Constant":
            stack.append(repr(value) if value >= 0 else f"({value!r})")
        else:
            operands = [stack.pop() for _ in range(arity)]
            if arity == 1 and kind in ("Sub", "Div"):
                stack.append(f"(-{operands[0]})" if kind == "Sub" else f"(1/{operands[0]})")
            else:
                stack.append(FORMS[kind].format(*operands) if kind in FORMS else f"{kind.lower()}({','.join(operands)})")
    return stack[-1]


def scaled(text: str, X: Floats, y: Floats) -> str:
    """With the slope and intercept that fit best: pyoperon's organisms are judged by them, but do not hold them."""
    values = parse(text).on(X)
    if not np.isfinite(values).all():
        return text
    slope, intercept = np.linalg.lstsq(np.column_stack((values, np.ones_like(values))), y, rcond=None)[0]
    return f"({float(intercept)!r}+{float(slope)!r}*{text})"
