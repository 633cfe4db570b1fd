"""gplearn with the settings of its SRBench entry: population 1,000, tournaments of 20, mean absolute error, parsimony 0.001.

Square and exp, which it lacks, are made as its manual shows. It runs a generation at a time (`warm_start`) until the budget is used
up; a generation that has begun is finished. Its protected functions are written as what they are away from their singularities:
log|x|, sqrt|x|, a/b.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from gplearn.functions import make_function
from gplearn.genetic import SymbolicRegressor

from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.engines.functions import common
from vgp.benchmarks.quality.expression import Floats
from vgp.benchmarks.quality.found import Found

LACKS = {"aq": "", "pow": "", "tanh": "", "if": "", "less": "", "less_equal": "", "greater": "", "greater_equal": ""}
RECOMMENDED: dict[str, Any] = {
    **{"population_size": 1000, "tournament_size": 20, "init_depth": (2, 6), "init_method": "half and half"},
    **{"metric": "mean absolute error", "parsimony_coefficient": 0.001, "p_crossover": 0.9, "p_subtree_mutation": 0.01},
    **{"p_hoist_mutation": 0.01, "p_point_mutation": 0.01, "p_point_replace": 0.05, "max_samples": 1.0},
    **{"low_memory": True, "n_jobs": 1},
}
FORMS = {
    **{"add": "({}+{})", "sub": "({}-{})", "mul": "({}*{})", "div": "({}/{})", "neg": "(-{})", "inv": "(1/{})"},
    **{"sqrt": "sqrt(abs({}))", "log": "log(abs({}))"},
}


def fit(X: Floats, y: Floats, budget: Budget, seed: int, settings: Mapping[str, Any]) -> Found:
    """See `Fit`; `settings` are arguments of gplearn.genetic.SymbolicRegressor."""
    regressor = SymbolicRegressor(**{"function_set": functions(), "random_state": seed, **RECOMMENDED, **settings})
    trace: list[tuple[float, str]] = []
    best, generations = np.inf, 0
    while budget.left:
        generations += 1
        regressor.set_params(generations=generations, warm_start=generations > 1)
        regressor.fit(X, y)
        used = budget.used
        if regressor._program.raw_fitness_ < best:
            best = regressor._program.raw_fitness_
            trace.append((used, text_of(regressor._program.program)))
    program = regressor._program.program
    return Found(text_of(program), len(program), budget.used, generations * regressor.population_size, trace)


def functions() -> list[Any]:
    """The common functions, those made here among them."""
    made = {
        "square": make_function(function=square, name="square", arity=1),
        "exp": make_function(function=exponential, name="exp", arity=1),
    }
    return [made.get(name, name) for name in common(LACKS)]


def square(x: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.nan_to_num(x * x, nan=0.0, posinf=1e300)


def exponential(x: Floats) -> Floats:
    """Closed under large operands, as gplearn demands."""
    with np.errstate(over="ignore"):
        return np.where(np.abs(x) < 100, np.exp(x), 0.0)


def text_of(program: list[Any]) -> str:
    """A program, which is in prefix order, as text of expression.py."""
    stack: list[str] = []
    for node in reversed(program):
        if isinstance(node, int):
            stack.append(f"x{node}")
        elif isinstance(node, float):
            stack.append(repr(float(node)) if node >= 0 else f"({float(node)!r})")
        else:
            operands = [stack.pop() for _ in range(node.arity)]
            stack.append(FORMS[node.name].format(*operands) if node.name in FORMS else f"{node.name}({','.join(operands)})")
    return stack[-1]
