"""The family tree of the recommended formula."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from vgp.ancestors import Ancestor
from vgp.errors import InputError
from vgp.model import Model
from vgp.pictures.canvas import GREY, INK, PAPER, SMALL, TEXT, WIDTH, figure, power_of_ten, shown, wants_log
from vgp.pictures.generations import Generations, generations, positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

ROW = 0.72  # inches
FORMULA_LETTERS = {1: 70, 2: 40, 3: 26, 4: 20, 5: 16}  # that fit beside so many in a row
COLOURS = 40
DARK_BELOW = 0.45  # brightness of a box in which text is white


def family(model: Model) -> "Figure":
    """The organism below, its ancestors above, a row a generation (10 at most, 5 in each); colours tell the loss.

    Raises InputError where the model holds no lineage.
    """
    if not model.lineage:
        raise InputError("the model holds no ancestors of its formula; fit again with a version that records them")
    found = generations(model.lineage)
    made, axes = figure(WIDTH + 1, 0.9 + ROW * len(found.rows))
    draw(axes, found, model.loss)
    return made


def draw(axes: "Axes", found: Generations, loss: str) -> None:
    """Draws generations into axes of yours."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm

    axes.set_axis_off()
    axes.set_title(_title(found), loc="left", fontsize=TEXT, color=INK)
    places, scale = positions(found.rows), _scale([one for row in found.rows for one in row])
    for parent, child in found.links:
        (x, row), (x_below, row_below) = places[parent], places[child]
        axes.plot([x, x_below], [-row, -row_below], color=GREY, linewidth=1.0, zorder=1)
    # few enough colours to be drawn as boxes: a picture of the scale would be data: on a page that lets none in
    colours = ScalarMappable(scale, colormaps["cividis_r"].resampled(COLOURS))
    for ancestors in found.rows:
        for one in ancestors:
            _box(axes, one, places[one.id], FORMULA_LETTERS.get(len(ancestors), 14), colours)
    axes.set_xlim(0, 1)
    axes.set_ylim(0.5 - len(found.rows), 0.5)
    bar = axes.figure.colorbar(colours, ax=axes, shrink=min(1.0, 3.0 / len(found.rows)), pad=0.02, aspect=15)
    if isinstance(scale, LogNorm):
        bar.ax.yaxis.set_major_formatter(power_of_ten)
        bar.ax.yaxis.set_minor_formatter(lambda *_: "")
    bar.set_label(f"{shown(loss, 20)} loss", color=INK, fontsize=SMALL, parse_math=False)
    bar.ax.tick_params(which="both", colors=INK, labelsize=SMALL)
    bar.outline.set_visible(False)


def _title(found: Generations) -> str:
    more = f"; {found.left_out:,} more ancestors are not shown" if found.left_out else ""
    return f"{len(found.rows)} generations, the recommended formula's organism below{more}"


def _scale(ancestors: Sequence[Ancestor]) -> "Normalize":
    from matplotlib.colors import LogNorm, Normalize

    losses = np.array([one.loss for one in ancestors if np.isfinite(one.loss)] or [0.0])
    low, high = float(losses.min()), float(losses.max())
    if wants_log(losses):
        return LogNorm(low, high)
    return Normalize(low, high if high > low else low + (abs(low) or 1.0))


def _box(axes: "Axes", one: Ancestor, place: tuple[float, int], letters: int, colours: "ScalarMappable") -> None:
    known = bool(np.isfinite(one.loss))
    red, green, blue, _ = colours.to_rgba(np.array([one.loss]))[0] if known else (1.0, 1.0, 1.0, 1.0)
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < DARK_BELOW
    face = (red, green, blue) if known else PAPER
    text = f"{shown(one.formula, letters)}\nborn at tick {one.tick:,}"
    axes.text(
        place[0], -place[1], text, ha="center", va="center", fontsize=SMALL, linespacing=1.35, zorder=2, parse_math=False,
        color="#ffffff" if dark else "#000000" if known else INK,
        bbox={"boxstyle": "round,pad=0.4", "facecolor": face, "edgecolor": GREY, "linewidth": 0.6},
    )  # fmt: skip
