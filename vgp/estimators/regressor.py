"""Formulas for numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from vgp.data_checks import Floats
from vgp.estimators.base import Index, SymbolicEstimator


class SymbolicRegressor(RegressorMixin, SymbolicEstimator):
    """Finds a short formula that explains numbers, by genetic programming (Koza 1992).

    Args:
        seconds: the whole fit's time; `evaluations`: or how many formulas it tries, which makes a fit reproducible. Neither:
            300,000 evaluations. Several targets share it. A fit ends earlier when it has found an exact law.
        population_size: organisms that live at a time, in each island.
        max_size: nodes of the longest formula.
        functions: names of `vgp.layout.FUNCTIONS` or sets of them: "arithmetic", "all"; None: + - * / square sqrt exp log sin cos.
        loss: "squared" (None), "absolute", "huber", or a function f(outputs [n, rows], target [rows]) -> losses [n] of n formulas'
            outputs at a time.
        units: of columns and target, {"m": "kg", "F": "N"}: formulas whose units do not hold are never made.
        constraints: "no sin in sin; at most 1 nodes in pow 2".
        blocks: formulas to be used like columns. start: formulas to begin with.
        selection: which formula of the front is recommended: the one likely to predict best, "accuracy", or the one likely to be
            the law, "law", which is shorter where the target is noisy. See `vgp.choice`.
        parameters: any other field of `vgp.Parameters`, by name.
        n_jobs: islands that evolve side by side and exchange their best; None: one, -1: one for each core.
        backend: where they live: "threads" of this process, "mesh" (vmesh workers on this machine; needs seconds), "joblib", or a
            `distributed.Client`.
        early_stopping: hold `validation_fraction` of the rows out, and end when for `n_iter_no_change` ticks no formula did better
            on them by a share of `tol`.
        callbacks: functions called with the `vgp.running.Progress` some times a second; what is true ends the fit.
        warm_start: a further fit goes on from where the one before ended: its populations on the same table, its
            formulas on another.
        random_state: the same number, table and `evaluations` give the same formulas on the same machine.
        sandbox: "on" executes formulas in a locked-down process; "off" in this one.
        where_undefined: what `predict` gives where a formula has no value, such as log(0): "smaller", the next smaller formula's
            value and in the end the mean of the target; "nan".
        verbose: above 0: shows progress, in a notebook or on stderr.

    Attributes after a fit: equations_ (a DataFrame, the best formula of each size), model_ (a `vgp.Model`), models_, history_,
    evaluations_, n_features_in_, feature_names_in_.

    Raises ValueError - InputError, or scikit-learn's own - for what cannot be used: missing values, text, parameters out of bounds.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """X [n, columns], y [n] or [n, targets], sample_weight [n] >= 0. Arrays, or frames of pandas or polars.

        Ctrl-C ends the fit; the estimator then has what was found.
        """
        named = _target_names(y)
        X, y = self._checked(X, y, multi_output=True, y_numeric=True)
        self._one_target = y.ndim == 1
        columns = np.asarray(y, np.float64).reshape(len(y), -1).T
        names = named if named is not None and len(named) == len(columns) else _numbered(len(columns))
        return self._fit_targets(X, dict(zip(names, columns, strict=True)), sample_weight)

    def predict(self, X: Any, index: Index = None) -> Floats:
        """The values [n] or [n, targets] of the recommended formulas, or of row `index` of `equations_`, with several
        targets of one row for each."""
        check_is_fitted(self)
        values = self._values(validate_data(self, X, reset=False, dtype=np.float64), index)
        return values[:, 0] if self._one_target else values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _target_names(y: Any) -> list[str] | None:
    """What a Series or frame calls its columns."""
    if hasattr(y, "columns"):
        names = [str(name) for name in y.columns]
        return names if len(set(names)) == len(names) else None
    name = getattr(y, "name", None)
    return None if name in (None, "") else [str(name)]


def _numbered(targets: int) -> list[str]:
    return ["y"] if targets == 1 else [f"y{k}" for k in range(targets)]
