"""The engines that are compared, each with the settings that its makers recommend and the functions that vgp uses by default.

Every module has `fit(X, y, budget, seed, settings) -> Found`, and imports its engine at its top: loading is not part of a run.
"""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any, Protocol

from vgp.benchmarks.quality.budget import Budget
from vgp.benchmarks.quality.expression import Floats
from vgp.benchmarks.quality.found import Found

REQUIRES = {"vgp": ("vgp",), "pyoperon": ("pyoperon", "sklearn"), "gplearn": ("gplearn", "sklearn"), "pysr": ("pysr",)}
MODULES = {"vgp": "vgp_engine", "pyoperon": "operon_engine", "gplearn": "gplearn_engine", "pysr": "pysr_engine"}


class Fit(Protocol):
    """Evolves until the budget is used up. X (rows, columns), y (rows,); `settings` change the recommended ones."""

    def __call__(self, X: Floats, y: Floats, budget: Budget, seed: int, settings: Mapping[str, Any]) -> Found: ...


def installed(name: str) -> bool:
    """Whether an engine can be run here."""
    return all(importlib.util.find_spec(module) is not None for module in REQUIRES[name])


def engine(name: str) -> Fit:
    """The engine of that name; imports it."""
    fit: Fit = importlib.import_module(f"{__name__}.{MODULES[name]}").fit
    return fit
