"""What all pictures share: figures without global state, colours, texts that fit.

Colours are those of Okabe and Ito (2008), which people tell apart however they see colours; lightness differs as well, for print.
INK and PAPER are used for nothing else, so that a page may replace them (vgp.pictures.svg).
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vgp.errors import InputError, MissingLibrary
from vgp.front import FrontEntry
from vgp.model import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PAPER = "#1f2328", "#fffffe"
BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c959f"),
)
SMALL, TEXT = 8.0, 9.0  # points
WIDTH = 7.2  # inches
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LOG_RATIO = 20.0  # a loss that spans more is shown in powers of ten


def figure(width: float = WIDTH, height: float = 4.0, **grid: Any) -> Any:
    """(figure, axes) of so many inches; `grid`: nrows, ncols. Raises InputError where matplotlib is not installed."""
    made = blank(width, height)
    return made, made.subplots(**grid)


def blank(width: float, height: float) -> "Figure":
    """A figure without axes."""
    try:
        from vgp.pictures.picture import Picture
    except ModuleNotFoundError:
        raise MissingLibrary("pictures need matplotlib: pip install 'vcloud[report]'") from None
    return Picture(figsize=(width, height), layout="constrained", facecolor=PAPER)


def dress(axes: "Axes", x: str, y: str, title: str = "") -> None:
    """Labels, and lines no heavier than they must be. The texts may be names of a table: nothing in them is markup."""
    axes.set_facecolor(PAPER)
    axes.set_xlabel(x, parse_math=False, color=INK, fontsize=TEXT)
    axes.set_ylabel(y, parse_math=False, color=INK, fontsize=TEXT)
    axes.set_title(title, parse_math=False, color=INK, fontsize=TEXT, loc="left")
    axes.tick_params(which="both", colors=INK, labelsize=SMALL)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.grid(True, color=INK, alpha=0.12, linewidth=0.6)
    axes.set_axisbelow(True)


def legend(axes: "Axes", **settings: Any) -> None:
    """The legend in the picture's colours."""
    box = axes.legend(fontsize=SMALL, labelcolor=INK, facecolor=PAPER, edgecolor="none", framealpha=0.8, **settings)
    for text in box.get_texts():
        text.set_parse_math(False)


def shown(text: str, most: int = 60) -> str:
    """A name or formula in one printable line, of `most` characters at most."""
    line = "".join(c if c.isprintable() else "�" for c in text[: 4 * most])
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1] + "…"


def powers_of_ten(axes: "Axes") -> None:
    """Makes the vertical axis logarithmic, its labels plain text: 10⁻³."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(power_of_ten)
    axes.yaxis.set_minor_formatter(lambda *_: "")


def power_of_ten(value: float, _: object = None) -> str:
    """10⁻³ for 0.001; nothing for what is no whole power."""
    exponent = round(math.log10(value)) if value > 0 else 0
    if value <= 0 or not math.isclose(value, 10.0**exponent, rel_tol=1e-6):
        return ""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def wants_log(values: Sequence[float] | np.ndarray) -> bool:
    """Whether positive values span so much that powers of ten tell more."""
    finite = np.asarray(values, float)
    finite = finite[np.isfinite(finite)]
    return bool(len(finite) and finite.min() > 0 and finite.max() / finite.min() > LOG_RATIO)


def entry_of(model: Model, index: int | None) -> FrontEntry:
    """The entry at `index`, from 0 as in a list, or the recommended one. Raises InputError."""
    if index is None:
        return model.entries[model.chosen]
    if not 0 <= index < len(model.entries):
        raise InputError(f"the model has no formula {index}; index counts its {len(model.entries)} formulas from 0")
    return model.entries[index]
