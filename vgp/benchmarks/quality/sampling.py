"""The rows of a problem: the same for every engine, on every machine, for one problem and seed.

Noise is SRBench's: y + N(0, g RMS(y)) on the training target alone; test targets are clean. Noise levels of one seed share their
rows and the shape of their noise, so that levels differ in nothing else.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from vgp.benchmarks.quality.expression import Floats
from vgp.benchmarks.quality.problems import Problem
from vgp.errors import InputError

TRAINING_ROWS, TEST_ROWS = 1000, 10_000
WIDER = 0.25  # of a range, added at either end


@dataclass(frozen=True)
class Rows:
    """X (rows, variables) and y (rows,) for training, and for the test."""

    X: Floats
    y: Floats
    X_test: Floats
    y_test: Floats


def rows_of(problem: Problem, seed: int, noise: float = 0.0) -> Rows:
    """1,000 rows with noise and 10,000 clean ones. Raises InputError for a law that is undefined in most of its own ranges."""
    rng = generator(problem.name, seed)
    X, y = _defined(problem, rng, TRAINING_ROWS)
    shape = rng.standard_normal(len(y))
    X_test, y_test = _defined(problem, rng, TEST_ROWS)
    return Rows(X, y + noise * np.sqrt(np.mean(y**2)) * shape, X_test, y_test)


def wider_rows(problem: Problem, seed: int, n_rows: int = TEST_ROWS) -> tuple[Floats, Floats]:
    """Rows of ranges half as wide again, a quarter at either end, and the law's values there, NaN where it has none."""
    low, high = np.array(problem.lows), np.array(problem.highs)
    margin = WIDER * (high - low)
    X = generator(problem.name + " wider", seed).uniform(low - margin, high + margin, (n_rows, len(low)))
    return X, problem.law.on(X)


def generator(name: str, seed: int) -> np.random.Generator:
    """Of its own for each name: problems stay the same when others are added."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return np.random.default_rng([int.from_bytes(digest, "little"), seed])


def _defined(problem: Problem, rng: np.random.Generator, n_rows: int) -> tuple[Floats, Floats]:
    """Rows where the law has a value: the others are drawn again (glider2 divides by what may be 0)."""
    X = np.empty((0, len(problem.lows)))
    for _ in range(20):
        X = np.vstack((X, rng.uniform(problem.lows, problem.highs, (n_rows, len(problem.lows)))))
        X = X[np.isfinite(problem.law.on(X))]
        if len(X) >= n_rows:
            return X[:n_rows], problem.law.on(X[:n_rows])
    raise InputError(f"problem {problem.name}: its formula has no value on most of its ranges; correct problems.csv")
