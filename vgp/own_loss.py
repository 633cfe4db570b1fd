"""A loss written in Python: the checks on what a user's function returns, and what it does not compute by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.errors import InputError

LossFunction = Callable[[npt.NDArray[Any], npt.NDArray[Any]], npt.NDArray[Any]]


def judge(
    function: LossFunction, target: npt.NDArray[Any], outputs: npt.NDArray[Any], probe_errors: bool
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """(losses [n], signatures [n], error levels [n, 64]) of organisms with outputs [n, rows]: what the engine asks for. The levels
    are 0 unless probe_errors are wanted. Raises InputError.
    """
    losses = python_losses(function, outputs, target)
    rows = np.arange(64) * len(target) // 64
    residuals = outputs[:, rows] - np.asarray(target)[rows]
    levels = error_levels(residuals, target) if probe_errors else np.zeros(residuals.shape, np.uint8)
    return losses, residual_signs(residuals), levels


def python_losses(function: LossFunction, outputs: npt.NDArray[Any], target: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The losses [n] of organisms with outputs [n, rows]. Raises InputError if the function does not give one number for each."""
    answer = function(outputs, target)
    try:
        losses = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"the loss function returned {type(answer).__name__} instead of one number for each organism") from None
    if losses.shape != (len(outputs),):
        raise InputError(f"the loss function returned shape {losses.shape} for {len(outputs)} organisms; return one number each")
    return losses


def residual_signs(residuals: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """uint64 [n]: bit i is set where the residual on probe row i (64 rows spread evenly) is positive; see evaluation.hpp."""
    return np.ascontiguousarray(np.packbits(residuals > 0, axis=1, bitorder="little")).view(np.uint64)[:, 0]


def error_levels(residuals: npt.NDArray[Any], target: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """uint8 [n, 64]: sizes of the residuals on the probe rows, eight steps to a doubling; see error_level() in core/loss.hpp."""
    mantissas, exponents = np.frexp(np.abs(residuals))
    exponents -= np.frexp(np.abs(target - np.mean(target)).max())[1]
    levels = (exponents + 27) * 8 + np.floor((mantissas * 2 - 1) * 8).astype(int)
    return np.ascontiguousarray(np.where(mantissas > 0, np.clip(levels, 0, 255), 0), np.uint8)
