"""Classes by formulas: two, many, words for labels, probabilities that are ones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from vgp import SymbolicClassifier
from vgp.errors import InputError


def ring(rows=300, seed=0):
    """Points inside and outside of a circle: no straight line parts them."""
    X = np.random.default_rng(seed).uniform(-2, 2, (rows, 2))
    return pd.DataFrame(X, columns=["u", "v"]), np.where((X**2).sum(axis=1) < 2, "inside", "outside")


@pytest.fixture(scope="module")
def two():
    return SymbolicClassifier(evaluations=20_000, random_state=0).fit(*ring())


def test_two_classes_are_told_apart_by_one_formula(two):
    X, y = ring(seed=1)
    assert two.score(X, y) > 0.97
    assert list(two.classes_) == ["inside", "outside"]
    assert len(two.models_) == 1
    assert two.model_.target == "is outside"


def test_probabilities_are_those_of_the_formula(two):
    X, _y = ring(seed=2)
    chances, odds = two.predict_proba(X), two.decision_function(X)
    assert chances.shape == (len(X), 2)
    assert np.allclose(chances.sum(axis=1), 1)
    assert np.allclose(chances[:, 1], 1 / (1 + np.exp(-odds)))
    assert (two.predict(X) == np.where(odds > 0, "outside", "inside")).all()
    assert (two.predict_proba(X, index=0) != chances).any()


def test_many_classes_have_a_formula_each():
    X, y = load_iris(return_X_y=True, as_frame=True)
    many = SymbolicClassifier(evaluations=30_000, random_state=0).fit(X, y)
    assert many.score(X, y) > 0.93
    assert len(many.models_) == 3
    assert many.decision_function(X).shape == (150, 3)
    assert np.allclose(many.predict_proba(X).sum(axis=1), 1)
    assert (many.predict_proba(X).argmax(axis=1) == many.predict(X)).mean() > 0.99
    assert len(many.formula()) == 3


def test_far_from_the_rows_seen_probabilities_are_still_numbers(two):
    far = pd.DataFrame({"u": [1e30, -1e30, 0.0], "v": [1e30, 0.0, 0.0]})
    chances = two.predict_proba(far)
    assert np.isfinite(chances).all()
    assert np.allclose(chances.sum(axis=1), 1)


def test_weights_may_leave_one_class():
    X, y = ring()
    only = SymbolicClassifier(evaluations=1_000, random_state=0).fit(X, y, sample_weight=(y == "inside").astype(float))
    assert (only.predict(X) == "inside").all()


def test_one_class_is_refused():
    X, _ = ring()
    with pytest.raises(InputError, match="one class only, 'a'"):
        SymbolicClassifier().fit(X, np.full(len(X), "a"))


def test_the_loss_is_the_logistic_one():
    with pytest.raises(InputError, match="loss is 'squared'; choose logistic"):
        SymbolicClassifier(loss="squared").fit(*ring())


def test_a_saved_model_predicts_probabilities(two, tmp_path):
    from vgp.model import Model, predict

    two.save(tmp_path / "ring.json")
    X, _ = ring(seed=3)
    saved = predict(Model.load(tmp_path / "ring.json"), {name: X[name].to_numpy() for name in X}, sandbox="off")
    assert np.allclose(saved, two.predict_proba(X)[:, 1])
