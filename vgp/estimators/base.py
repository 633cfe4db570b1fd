"""What both estimators have: their parameters, the way through a fit, and the formulas that it leaves."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from vgp.data_checks import Floats
from vgp.errors import InputError
from vgp.estimators.equations import equations
from vgp.estimators.fitting import Outcome, fit_target
from vgp.estimators.plan import plan_of
from vgp.estimators.predicting import predicted
from vgp.estimators.table import Target
from vgp.export import BINARY, export, to_latex, to_text
from vgp.front import FrontEntry
from vgp.model import Model
from vgp.own_loss import LossFunction

Index = int | Sequence[int] | None  # rows of `equations_`, counted for each target from 0; None: what is recommended


class SymbolicEstimator(BaseEstimator):
    """Parameters and formulas of `SymbolicRegressor` and `SymbolicClassifier`; see there."""

    _loss = "squared"  # what loss=None stands for

    def __init__(
        self,
        *,
        seconds: float | None = None,
        evaluations: int | None = None,
        population_size: int = 1000,
        max_size: int = 30,
        functions: str | Sequence[str] | None = None,
        loss: str | LossFunction | None = None,
        units: Mapping[str, str] | None = None,
        constraints: str = "",
        blocks: str | Sequence[str] = (),
        start: str | Sequence[str] = (),
        selection: str = "accuracy",
        parameters: Mapping[str, Any] | None = None,
        n_jobs: int | None = None,
        backend: Any = "threads",
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 200,
        tol: float = 1e-4,
        callbacks: Callable[[Any], Any] | Sequence[Callable[[Any], Any]] | None = None,
        warm_start: bool = False,
        random_state: Any = None,
        sandbox: str = "on",
        where_undefined: str = "smaller",
        verbose: int = 0,
    ) -> None:
        self.seconds = seconds
        self.evaluations = evaluations
        self.population_size = population_size
        self.max_size = max_size
        self.functions = functions
        self.loss = loss
        self.units = units
        self.constraints = constraints
        self.blocks = blocks
        self.start = start
        self.selection = selection
        self.parameters = parameters
        self.n_jobs = n_jobs
        self.backend = backend
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.random_state = random_state
        self.sandbox = sandbox
        self.where_undefined = where_undefined
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.seconds is not None
        return tags

    # --- the fit ---

    def _fit_targets(self, X: Floats, targets: Mapping[str, Floats], sample_weight: Any) -> Self:
        """Fits each target [n] by the columns of X [n, columns]. After Ctrl-C what was found is there, and the signal goes on."""
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        if weights is not None and not weights.any():
            raise InputError("every sample_weight is 0; give some rows a positive weight")
        jobs = joblib.effective_n_jobs(self.n_jobs)
        plan = plan_of(self.get_params(deep=False), self._loss, jobs=jobs, targets=len(targets), recipe=self._recipe())
        before = self._outcomes() if self.warm_start else {}
        seeds = check_random_state(self.random_state).randint(2**31, size=len(targets))
        outcomes: list[Outcome] = []
        for seed, (name, y) in zip(seeds, targets.items(), strict=True):
            asked = plan
            if outcomes and outcomes[-1].interrupted:  # the targets that are left get what costs no time
                asked = dataclasses.replace(plan, seconds=None, evaluations=1)
            table = Target(X, y, weights, self._names(), name)
            outcomes.append(fit_target(table, asked, int(seed), before.get(name), keep_state=self.warm_start))
        self._keep(outcomes)
        if any(outcome.interrupted for outcome in outcomes):
            raise KeyboardInterrupt
        return self

    def _recipe(self) -> str:
        """Lines of Python that make this estimator and fit it."""
        name = type(self).__name__
        changed = BaseEstimator.__repr__(self, N_CHAR_MAX=10_000)  # scikit-learn names the parameters that are not the default
        return f"from vgp import {name}\n\nmodel = {changed}\nmodel.fit(X, y)"

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        self.models_ = [outcome.model for outcome in outcomes]
        self.histories_ = [outcome.history for outcome in outcomes]
        self.means_ = [outcome.mean for outcome in outcomes]
        self.states_ = [outcome.state for outcome in outcomes]
        self.evaluations_ = sum(outcome.evaluations for outcome in outcomes)

    def _outcomes(self) -> dict[str, Outcome]:
        """Of the fit before, by target; none where there was none, or it had other columns."""
        if not hasattr(self, "models_") or self.models_[0].names != self._names():
            return {}
        parts = zip(self.models_, self.means_, self.histories_, self.states_, strict=True)
        return {part[0].target: Outcome(*part[:3], part[0].evaluations, part[3]) for part in parts}

    def _checked(self, X: Any, y: Any, **checks: Any) -> Any:
        return validate_data(self, X, y, dtype=np.float64, **checks)

    def _names(self) -> tuple[str, ...]:
        """Of the columns: the frame's, or x0, x1, ..."""
        if hasattr(self, "feature_names_in_"):
            return tuple(map(str, self.feature_names_in_))
        return tuple(f"x{k}" for k in range(self.n_features_in_))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What a notebook shows: scikit-learn's own picture, and after a fit the formulas of each size."""
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if hasattr(self, "models_"):
            bundle["text/html"] = bundle.get("text/html", "") + "".join(model._repr_html_() for model in self.models_)
        return bundle

    # --- what it leaves ---

    @property
    def model_(self) -> Model:
        """The model of the only target, or the first of them. AttributeError before a fit."""
        return self.models_[0]

    @property
    def history_(self) -> Any:
        """Statistics of the run, a record of `vgp.statistics.TICK_RECORD` for each tick; with several targets a list of such."""
        return self.histories_[0] if len(self.histories_) == 1 else self.histories_

    @property
    def equations_(self) -> pd.DataFrame:
        """The best formula of each size: size, loss, r2, score, formula, chosen; with several models `target` first."""
        return equations(self.models_)

    def _values(self, X: Floats, index: Index) -> Floats:
        """intercept + slope * f of every model: [n, models]."""
        columns, way = dict(zip(self._names(), X.T, strict=True)), self.where_undefined
        parts = zip(self.models_, self._entries(index), self.means_, strict=True)
        values = [predicted(model, columns, entry, otherwise=way, mean=mean, rows=len(X)) for model, entry, mean in parts]
        return np.column_stack(values)

    def _entries(self, index: Index) -> list[FrontEntry]:
        """The entry that is meant of each model."""
        check_is_fitted(self)
        rows = [index] * len(self.models_) if index is None or len(self.models_) == 1 else np.atleast_1d(index).tolist()
        if len(rows) != len(self.models_):
            raise InputError(f"index: give {len(self.models_)} rows of equations_, one for each target")
        return [_entry(model, row) for model, row in zip(self.models_, rows, strict=True)]

    def _each(self, write: Callable[[FrontEntry], Any], index: Index) -> Any:
        """What `write` makes of the entry that is meant, or the list of it for several models."""
        written = [write(entry) for entry in self._entries(index)]
        return written[0] if len(written) == 1 else written

    def formula(self, index: Index = None, digits: int | None = 6) -> Any:
        """A formula as text, constants with so many significant digits (None: all).

        index: a row of `equations_`; None: the recommended formula. With several models: a row for each, and a list of formulas.
        Raises InputError for a row that is not there, sklearn's NotFittedError before a fit.
        """
        return self._each(lambda e: to_text(e.nodes, e.names, slope=e.slope, intercept=e.intercept, digits=digits), index)

    def latex(self, index: Index = None, digits: int | None = 4) -> Any:
        """A formula for documents (amsmath); see `formula`."""
        return self._each(lambda e: to_latex(e.nodes, e.names, slope=e.slope, intercept=e.intercept, digits=digits), index)

    def sympy(self, index: Index = None) -> Any:
        """A formula as a SymPy expression of real symbols that are called like the columns; see `formula`. Needs sympy."""
        from vgp.export.sympy import to_sympy

        return self._each(lambda e: to_sympy(e.nodes, e.names, slope=e.slope, intercept=e.intercept), index)

    def export(self, format: str, index: Index = None) -> Any:
        """A formula in one of `vgp.export.FORMATS`, which are text, or `BINARY`, bytes; see `formula`."""
        write = BINARY[format] if format in BINARY else partial(export, format=format)
        link = self.model_.link if hasattr(self, "models_") else "identity"
        return self._each(lambda e: write(e.nodes, names=e.names, slope=e.slope, intercept=e.intercept, link=link), index)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as `vgp show`, `vgp predict` and `vgp report` read it.

        Raises CheckpointError naming the file, InputError for several models: they are saved one by one, `models_[k].save(path)`.
        """
        check_is_fitted(self)
        if len(self.models_) > 1:
            raise InputError(f"there are {len(self.models_)} models; save them one by one: models_[k].save(path)")
        self.model_.save(path)


def _entry(model: Model, row: Any) -> FrontEntry:
    if row is None:
        return model.entry()
    if not 0 <= row < len(model.entries):
        raise InputError(f"equations_ has no row {row}; it has rows 0 to {len(model.entries) - 1}")
    return model.entries[row]
