"""Residuals: what the formula leaves unexplained should look like nothing but noise."""

from typing import TYPE_CHECKING

import numpy as np

from vgp.model import Model
from vgp.pictures.canvas import BLUE, INK, SKY, dress, entry_of, figure, shown
from vgp.pictures.compared import Compared, Given, compared

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BINS = 40


def residuals(model: Model, data: Given, index: int | None = None, *, sandbox: str = "on") -> "Figure":
    """Actual - predicted, against predicted (at most 2,000 points), and how often each size of it occurs (all rows).

    Arguments and errors as for `predictions`.
    """
    return figure_of(model, compared(model, data, entry_of(model, index), sandbox))


def figure_of(model: Model, pairs: Compared) -> "Figure":
    """The figure of a comparison."""
    made, (against, counts) = figure(height=3.4, ncols=2)
    draw(against, counts, model, pairs)
    return made


def draw(against: "Axes", counts: "Axes", model: Model, pairs: Compared) -> None:
    """Draws the residuals into two axes of yours."""
    some, left = pairs.some, pairs.residuals
    dress(against, f"{shown(model.target, 30)}, predicted", "actual - predicted", pairs.note)
    against.locator_params("x", nbins=5)
    against.axhline(0, color=INK, linewidth=0.8, linestyle="--")
    alpha = float(np.clip(60 / np.sqrt(len(some)) / 4, 0.25, 0.9))
    against.plot(pairs.predicted[some], left[some], "o", color=BLUE, markersize=4, alpha=alpha, markeredgewidth=0, gid="residuals")
    dress(counts, "actual - predicted", "rows", f"mean {left.mean():.3g}, standard deviation {left.std():.3g}")
    low, high = float(left.min()), float(left.max())
    bins = min(MOST_BINS, max(5, int(np.sqrt(len(left)) * 1.5)))
    if not np.isfinite(high - low) or (high - low) / bins <= np.spacing(max(abs(low), abs(high))):  # all as good as one value
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    numbers, edges = np.histogram(left, bins, (low, high))
    counts.stairs(numbers, edges, fill=True, facecolor=SKY, edgecolor=BLUE, gid="histogram")
    counts.axvline(0, color=INK, linewidth=0.8, linestyle="--")
    counts.locator_params("y", integer=True)
