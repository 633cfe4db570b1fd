"""PySR, where it is installed (it brings Julia along): its defaults, serial, an iteration after the other until the budget is used.

Compiling, which Julia does in the first iteration, is done beforehand on a few rows and not counted.
"""

import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from pysr import PySRRegressor

from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.engines.functions import common
from vgp.benchmarks.quality.expression import Floats
from vgp.benchmarks.quality.found import Found

BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^"}
LACKS = {"aq": "", "if": "", "less": "", "less_equal": "", "greater": "", "greater_equal": ""}


def fit(X: Floats, y: Floats, budget: Budget, seed: int, settings: Mapping[str, Any]) -> Found:
    """See `Fit`; `settings` are arguments of PySRRegressor."""
    with tempfile.TemporaryDirectory(prefix="pysr-") as folder:
        regressor(settings, seed, folder).fit(X[:50], y[:50])
        budget = Budget(budget.seconds)
        model, trace, best = regressor(settings, seed, folder), [], np.inf
        while budget.left:
            model.fit(X, y, variable_names=[f"x{k}" for k in range(X.shape[1])])
            front = model.equations_
            row = front.loc[front["loss"].idxmin()]
            if row["loss"] < best:
                best = row["loss"]
                trace.append((budget.used, text_of(row["equation"])))
        used, shown = budget.used, model.get_best()
    return Found(text_of(shown["equation"]), int(shown["complexity"]), used, 0, trace)


def regressor(settings: Mapping[str, Any], seed: int, folder: str) -> Any:
    names = common(LACKS)
    recommended: dict[str, Any] = {
        "binary_operators": [BINARY[name] for name in names if name in BINARY],
        "unary_operators": [name for name in names if name not in BINARY],
        **{"niterations": 1, "warm_start": True, "parallelism": "serial", "deterministic": True, "random_state": seed},
        **{"verbosity": 0, "progress": False, "temp_equation_file": True, "tempdir": folder, "input_stream": "devnull"},
    }
    return PySRRegressor(**{**recommended, **settings})


def text_of(equation: str) -> str:
    """Julia's power sign is Python's sign for exclusive or."""
    return equation.replace("^", "**")
