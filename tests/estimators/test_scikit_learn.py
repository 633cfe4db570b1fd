"""scikit-learn's own checks of an estimator, all of them, and its tools around one."""

import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from vgp import SymbolicClassifier, SymbolicRegressor

FEW = 5_000  # evaluations: enough for what the checks ask to be learnt


@parametrize_with_checks([SymbolicRegressor(evaluations=FEW), SymbolicClassifier(evaluations=FEW)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.long
@parametrize_with_checks([SymbolicRegressor(), SymbolicClassifier()])
def test_scikit_learns_checks_with_the_defaults(estimator, check):
    check(estimator)


@pytest.mark.long
def test_the_diabetes_table_is_explained_no_worse_than_by_linear_regression():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    scores = [cross_val_score(SymbolicRegressor(random_state=seed), X, y, cv=KFold(5)).mean() for seed in range(2)]
    assert np.mean(scores) >= cross_val_score(LinearRegression(), X, y, cv=KFold(5)).mean() - 0.01


def table(rows=80, seed=0):
    X = np.random.default_rng(seed).uniform(1, 3, (rows, 3))
    return X, X[:, 0] * X[:, 1] + 2


def test_a_pipeline_a_grid_and_cross_validation_take_it():
    X, y = table()
    quick = SymbolicRegressor(evaluations=FEW, random_state=0)
    grid = GridSearchCV(make_pipeline(StandardScaler(), quick), {"symbolicregressor__max_size": [1, 7]}, cv=2).fit(X, y)
    assert grid.best_params_ == {"symbolicregressor__max_size": 7}
    scores = cross_val_score(quick, X, y, cv=3, n_jobs=2)
    assert scores.shape == (3,)
    assert scores.min() > 0.999


def test_a_fitted_one_survives_pickle_and_joblib(tmp_path):
    X, y = table()
    fitted = SymbolicRegressor(evaluations=FEW, random_state=0).fit(X, y)
    joblib.dump(fitted, tmp_path / "fitted")
    for copy in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "fitted")):
        assert copy.formula() == fitted.formula()
        assert np.array_equal(copy.predict(X), fitted.predict(X))
        assert copy.equations_.equals(fitted.equations_)


def test_a_clone_is_not_fitted_and_fits_the_same():
    X, y = table()
    fitted = SymbolicRegressor(evaluations=FEW, random_state=3, functions="arithmetic").fit(X, y)
    copy = clone(fitted)
    with pytest.raises(NotFittedError):
        copy.predict(X)
    assert copy.fit(X, y).formula(digits=None) == fitted.formula(digits=None)
