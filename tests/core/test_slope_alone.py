"""linear_scaling 2: the best slope through the origin, which is all that units leave where constants are plain numbers."""

import numpy as np
import pytest

from vgp.dataset import Dataset
from vgp.evaluator import Evaluator
from vgp.formula import parse
from vgp.layout import batch

FORMULAS = ("a", "a*b", "exp(b)", "1e4*a - 3e4", "1e-6*b", "a + 1000", "2", "a - a")
RNG = np.random.default_rng(3)
X = RNG.uniform(-2, 3, (333, 2))


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 100.0, -3e5])
def test_it_is_the_least_squares_slope(precision, weighted, offset):
    y = 3 * X[:, 0] * X[:, 1] + offset + RNG.normal(size=len(X))
    w = RNG.uniform(0, 2, len(X)) if weighted else None
    dataset = Dataset.from_arrays(X, y, names=("a", "b"), weights=w)
    nodes, offsets = batch([parse(formula, dataset.names) for formula in FORMULAS])
    with dataset.temporary(precision) as path:
        results = Evaluator(path).evaluate(nodes, offsets, linear_scaling=2)
    weights = np.ones(len(X)) if w is None else w
    for formula, result in zip(FORMULAS, results, strict=True):
        f = eval(formula, {"exp": np.exp}, {"a": X[:, 0], "b": X[:, 1]}) * np.ones(len(X))
        square = np.sum(weights * f * f)
        slope = np.sum(weights * f * y) / square if square > 0 else 0.0
        loss = np.average((y - slope * f) ** 2, weights=weights)
        assert result["intercept"] == 0
        assert result["slope"] == pytest.approx(slope, rel=1e-3, abs=1e-4 * (np.abs(y).max() / max(np.abs(f).max(), 1e-30)))
        assert result["loss"] == pytest.approx(loss, rel=2e-3)  # of float32 columns
