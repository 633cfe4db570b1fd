"""The population's life: how different its organisms are, and what they die of."""

from typing import TYPE_CHECKING

import numpy as np

from vgp.history import Records
from vgp.model import Model
from vgp.pictures.canvas import BLUE, GREEN, GREY, INK, ORANGE, PINK, YELLOW, dress, figure, legend
from vgp.pictures.progress import count_axis, records_of
from vgp.statistics import DEATHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = dict(zip(DEATHS, (GREY, BLUE, ORANGE, GREEN, PINK, YELLOW), strict=True))


def life(model: Model) -> "Figure":
    """Diversity, and deaths per tick by cause, both against evaluations. Raises InputError where there is no history."""
    records = records_of(model)
    made, (diversity, deaths) = figure(height=5.0, nrows=2)
    draw_diversity(diversity, records)
    draw_deaths(deaths, records)
    return made


def draw_diversity(axes: "Axes", records: Records) -> None:
    """The share of rows on which two random organisms err to different sides: 0 all alike, 0.5 unrelated."""
    dress(axes, "", "diversity", "0: all err alike; 0.5: unrelated")
    shares = np.clip(records["diversity"], 0.0, 1.0)
    axes.plot(records["evaluations"].astype(float), shares, color=BLUE, linewidth=1.5, gid="diversity")
    axes.set_ylim(0, max(0.5, 1.1 * float(np.nanmax(shares, initial=0.0))))
    count_axis(axes, records["evaluations"].astype(float))


def draw_deaths(axes: "Axes", records: Records) -> None:
    """Deaths per tick, stacked by cause; the legend has the totals. Causes of which nobody died are left out."""
    evaluations = records["evaluations"].astype(float)
    ticks = np.diff(records["tick"].astype(float), prepend=records["tick"][0] - 1.0)
    dress(axes, "evaluations", "deaths per tick")
    bottom = np.zeros(len(records))
    for cause in DEATHS:
        counts = records[f"deaths_{cause}"].astype(float)
        if not counts.any():
            continue
        top = bottom + counts / np.maximum(ticks, 1.0)
        label = f"{cause.replace('eaten_', 'eaten: ')} ({int(counts.sum()):,})"
        axes.fill_between(evaluations, bottom, top, facecolor=COLOURS[cause], edgecolor=INK, linewidth=0.3, label=label, gid=cause)
        bottom = top
    axes.set_ylim(0, 1.05 * bottom.max() if bottom.any() else 1.0)
    count_axis(axes, evaluations)
    if bottom.any():
        legend(axes, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3)
