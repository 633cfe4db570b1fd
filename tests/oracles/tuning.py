"""Tuning's slow, obvious twin: every constant a parameter, derivatives by central differences, plain Levenberg-Marquardt."""

import numpy as np

from tests.oracles import evaluation as oracle
from vgp.layout import CONSTANT


def constants_of(genome):
    return genome["payload"][genome["op"] == CONSTANT].view(np.float64).copy()


def with_constants(genome, constants):
    moved = genome.copy()
    moved["payload"][genome["op"] == CONSTANT] = np.asarray(constants, np.float64).view(np.uint64)
    return moved


def values(genome, columns, constants):
    with np.errstate(all="ignore"):
        return oracle.evaluate(with_constants(genome, constants), columns)


def loss_at(genome, columns, y, w, constants, loss="squared", scaled=True, delta=1.0):
    """The loss of these constants with the line that goes with them."""
    f = values(genome, columns, constants)
    if not np.isfinite(f).all():
        return np.inf
    slope, intercept = oracle.line(f, y, w) if scaled else (1, 0)
    return float(oracle.loss(loss, f, y, w, slope, intercept, delta))


def jacobian(genome, columns, constants):
    """d f / d constant, rows x constants, by central differences."""
    derivatives = []
    for k, c in enumerate(constants):
        step = 1e-6 * max(1.0, abs(c))
        up, down = constants.copy(), constants.copy()
        up[k], down[k] = c + step, c - step
        derivatives.append((values(genome, columns, up) - values(genome, columns, down)) / (up[k] - down[k]))
    return np.array(derivatives).T.reshape(len(columns[0]), len(constants))


def tune(genome, columns, y, w, scaled=True, steps=300):
    """Constants and squared loss after Levenberg-Marquardt on constants, slope and intercept together."""
    here = constants_of(genome)
    best, damping = loss_at(genome, columns, y, w, here, scaled=scaled), 1e-3
    for _ in range(steps):
        f = values(genome, columns, here)
        slope, intercept = oracle.line(f, y, w) if scaled else (1.0, 0.0)
        J = float(slope) * jacobian(genome, columns, here)
        full = np.column_stack([J, np.ones_like(f), f]) if scaled else J
        root = np.sqrt(w)[:, None]
        A, r = full * root, (y - slope * f - intercept).astype(float) * root[:, 0]
        scale = np.sqrt((A * A).sum(axis=0)) + 1e-300
        system = np.vstack([A / scale, np.sqrt(damping) * np.eye(full.shape[1])])
        step = np.linalg.lstsq(system, np.concatenate([r, np.zeros(full.shape[1])]), rcond=None)[0] / scale
        there = here + step[: len(here)]
        trial = loss_at(genome, columns, y, w, there, scaled=scaled)
        if trial < best:
            here, best, damping = there, trial, max(damping / 5, 1e-12)
        else:
            damping *= 4
    return here, best


def standard_errors(genome, columns, y, w, fitted):
    """Of the constants `fitted` (indices), then slope and intercept: sqrt(diag(s^2 (J'WJ)^-1))."""
    constants = constants_of(genome)
    f = values(genome, columns, constants)
    slope, intercept = (float(x) for x in oracle.line(f, y, w))
    J = np.column_stack([slope * jacobian(genome, columns, constants)[:, fitted], f, np.ones_like(f)])
    r = y - slope * f - intercept
    variance = np.sum(w * r * r) / (len(y) - J.shape[1])
    return np.sqrt(np.diag(variance * np.linalg.inv(J.T @ (J * w[:, None]))))
