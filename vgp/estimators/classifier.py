"""Formulas for classes: of the logarithm of the odds, one for two classes, one against the rest for each of more."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from vgp.data_checks import Floats
from vgp.errors import InputError
from vgp.estimators.base import Index, SymbolicEstimator
from vgp.model import logistic

MOST_LOGIT = 700.0  # beyond it exp() has no value


class SymbolicClassifier(ClassifierMixin, SymbolicEstimator):
    """Finds short formulas that tell classes apart, by genetic programming with the logistic loss.

    With two classes one formula gives the logarithm of the odds of `classes_[1]`; with more there is one for each class against the
    rest, and probabilities are those of the formulas divided by their sum, as scikit-learn's OneVsRestClassifier does. The formulas
    share the budget.

    Args: those of `SymbolicRegressor`; a `loss` in Python sees targets of 0 and 1.

    Attributes after a fit: classes_, and those of `SymbolicRegressor`. Raises what that raises.
    """

    _loss = "logistic"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """X [n, columns], y [n] of labels, sample_weight [n] >= 0. Ctrl-C ends the fit; the estimator then has what was found."""
        X, y = self._checked(X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"y has one class only, '{self.classes_[0]}'; a classifier needs two or more")
        wanted = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        targets = {f"is {self.classes_[k]}": (codes == k).astype(np.float64) for k in wanted}
        if len(targets) < len(wanted):  # labels that are written alike
            targets = {f"is class {k}": (codes == k).astype(np.float64) for k in wanted}
        return self._fit_targets(X, targets, sample_weight)

    def decision_function(self, X: Any, index: Index = None) -> Floats:
        """Logarithms of the odds: [n] of `classes_[1]`, or [n, classes] of each class against the rest. index: of the
        formulas to ask, rows of `equations_`, one for each class where there are more than two."""
        check_is_fitted(self)
        values = self._values(validate_data(self, X, reset=False, dtype=np.float64), index)
        values = np.clip(np.nan_to_num(values), -MOST_LOGIT, MOST_LOGIT)
        return values[:, 0] if len(self.classes_) == 2 else values

    def predict_proba(self, X: Any, index: Index = None) -> Floats:
        """Probabilities of the classes, [n, classes]; each row sums to 1."""
        logits = self.decision_function(X, index)
        if logits.ndim == 1:
            chance = logistic(logits)
            return np.column_stack([1.0 - chance, chance])
        # in logarithms: where all classes are unlikely one of them still is the least so
        logs = -np.logaddexp(0.0, -logits)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def predict(self, X: Any, index: Index = None) -> Any:
        """The most likely class of each row, [n]."""
        logits = self.decision_function(X, index)
        return self.classes_[(logits > 0).astype(int) if logits.ndim == 1 else logits.argmax(axis=1)]
