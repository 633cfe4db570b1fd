"""The front: how much accuracy each further node buys."""

from typing import TYPE_CHECKING

import numpy as np

from vgp.model import Model
from vgp.pictures.canvas import BLUE, INK, ORANGE, SMALL, dress, figure, legend, powers_of_ten, shown, wants_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def front(model: Model) -> "Figure":
    """Loss against size, a point an entry, the recommended one marked; powers of ten where losses span a factor of 20."""
    made, axes = figure()
    draw(axes, model)
    return made


def draw(axes: "Axes", model: Model) -> None:
    """Draws the front into axes of yours."""
    sizes = np.array([entry.size for entry in model.entries])
    losses = np.array([entry.loss for entry in model.entries])
    chosen, exact = model.entries[model.chosen], losses <= 0
    dress(axes, "size [nodes]", f"{shown(model.loss, 20)} loss", f"recommended: {shown(chosen.formula, 90)}")
    if exact.any() and (losses > 0).any():  # an exact law has no logarithm: it stands below the others, and says so
        losses = np.where(exact, losses[losses > 0].min() / 100, losses)
        for size, loss in zip(sizes[exact], losses[exact], strict=True):
            axes.annotate("0", (size, loss), (0, 6), textcoords="offset points", ha="center", color=INK, fontsize=SMALL)
    if wants_log(losses):
        powers_of_ten(axes)
    axes.plot(sizes, losses, drawstyle="steps-post", color=BLUE, linewidth=1.0, alpha=0.5)
    axes.plot(sizes, losses, "o", color=BLUE, markersize=5, label="best of its size", gid="front")
    axes.plot(
        sizes[model.chosen], losses[model.chosen], "o", markersize=12, markerfacecolor="none", markeredgecolor=ORANGE,
        markeredgewidth=2, label="recommended", gid="chosen",
    )  # fmt: skip
    axes.locator_params("x", integer=True)
    legend(axes)
