"""How fast the run came to what it found."""

from typing import TYPE_CHECKING

import numpy as np

from vgp.display import quantity
from vgp.errors import InputError
from vgp.history import Records
from vgp.model import Model
from vgp.pictures.canvas import BLUE, GREY, ORANGE, dress, figure, legend, powers_of_ten, shown, wants_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def convergence(model: Model) -> "Figure":
    """Best and median loss of the living against evaluations; where the population started anew, a line. Raises InputError."""
    records = records_of(model)
    made, axes = figure(height=3.4)
    draw(axes, model, records)
    return made


def records_of(model: Model) -> Records:
    """The history of a model. Raises InputError if it has none."""
    if model.history is None or not len(model.history):
        raise InputError("the model holds no history of its run; fit again with this version, vgp fit --save keeps it")
    return model.history


def draw(axes: "Axes", model: Model, records: Records) -> None:
    """Draws the losses of records into axes of yours."""
    evaluations = records["evaluations"].astype(float)
    best, median = (np.where(np.isfinite(records[name]), records[name], np.nan) for name in ("best_loss", "median_loss"))
    dress(axes, "evaluations", f"{shown(model.loss, 20)} loss")
    axes.plot(evaluations, median, color=ORANGE, linewidth=1.2, linestyle="--", label="median of the living", gid="median")
    axes.plot(evaluations, best, color=BLUE, linewidth=1.8, drawstyle="steps-post", label="best", gid="best")
    anew = evaluations[1:][np.diff(records["era"].astype(float)) > 0]
    for i, at in enumerate(anew):
        axes.axvline(at, color=GREY, linewidth=0.8, alpha=0.6, label="a new era" if i == 0 else None, zorder=0)
    if wants_log(np.concatenate([best, median])):
        powers_of_ten(axes)
    count_axis(axes, evaluations)
    legend(axes)


def count_axis(axes: "Axes", counts: np.ndarray) -> None:
    """Ticks of a horizontal axis as 20k, 1.5M."""
    axes.xaxis.set_major_formatter(lambda value, _: quantity(value) if value >= 0 else "")
    if counts[0] < counts[-1]:
        axes.set_xlim(counts[0], counts[-1])
