"""Predicted against actual values: points on the diagonal are explained."""

from typing import TYPE_CHECKING

import numpy as np

from vgp.model import Model
from vgp.pictures.canvas import BLUE, INK, dress, entry_of, figure, legend, shown
from vgp.pictures.compared import Compared, Given, compared

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def predictions(model: Model, data: Given, index: int | None = None, *, sandbox: str = "on") -> "Figure":
    """Predicted against actual values of a table, at most 2,000 points spread evenly over its rows.

    data: a Dataset with a target, or (X, y). index: of the formula, from 0; default the recommended one. sandbox: as for
    vgp.model.predict. Raises InputError where the table lacks the target or a column, SandboxError.
    """
    pairs = compared(model, data, entry_of(model, index), sandbox)
    made, axes = figure(5.0, 4.6)
    draw(axes, model, pairs)
    return made


def draw(axes: "Axes", model: Model, pairs: Compared) -> None:
    """Draws the comparison into axes of yours."""
    actual, predicted = pairs.actual[pairs.some], pairs.predicted[pairs.some]
    dress(axes, f"{shown(model.target, 40)}, actual", f"{shown(model.target, 40)}, predicted", pairs.note)
    axes.locator_params(nbins=6)
    ends = [min(actual.min(), predicted.min()), max(actual.max(), predicted.max())]
    axes.plot(ends, ends, color=INK, linewidth=0.8, linestyle="--", label="predicted = actual", zorder=3)
    alpha = float(np.clip(60 / np.sqrt(len(actual)) / 4, 0.25, 0.9))
    axes.plot(actual, predicted, "o", color=BLUE, markersize=4, alpha=alpha, markeredgewidth=0, gid="predictions")
    legend(axes, loc="upper left")
