"""A formula as a tree: functions above their operands, columns and constants at the leaves."""

from typing import TYPE_CHECKING

from vgp.algebra import scaled, simplify
from vgp.export.numbers import number
from vgp.front import FrontEntry
from vgp.layout import CONSTANT, NAMES, VARIABLE, constant_value
from vgp.model import Model
from vgp.pictures.canvas import BLUE, INK, ORANGE, PAPER, blank, entry_of, shown
from vgp.pictures.tidy_layout import Place, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIGNS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "^", "square": "x²", "sqrt": "√", "log": "ln", "abs": "|x|",
    "less": "<", "less_equal": "≤", "greater": ">", "greater_equal": "≥",
}  # fmt: skip
FRAMES = {"function": ("circle,pad=0.35", INK), "constant": ("round,pad=0.35", ORANGE), "variable": ("square,pad=0.35", BLUE)}
LETTER, PADDING, GAP, LEVEL = 0.085, 0.22, 0.12, 0.55  # inches, at FONT points
FONT = 10.0
WIDEST = 40.0  # inches; what is wider is drawn smaller
NAME_LETTERS = 24


def tree(model: Model, index: int | None = None) -> "Figure":
    """The formula at `index` (from 0; default the recommended one) as a tree, slope and intercept written into it.

    The figure is as large as the tree needs. Raises InputError where the model has no such formula.
    """
    root = places_of(entry_of(model, index))
    width, levels = tidy(root, GAP)
    scale = min(1.0, WIDEST / (width + 0.4))
    made = blank(max((width + 0.4) * scale, 2.0), max((levels * LEVEL + 0.2) * scale, 1.0))
    made.set_layout_engine("none")  # nothing stands beside the axes
    axes = made.add_axes((0.0, 0.0, 1.0, 1.0))
    draw(axes, root, FONT * scale)
    return made


def places_of(entry: FrontEntry) -> Place:
    """The nodes of a formula, ready for `tidy`; widths in inches."""
    stack: list[Place] = []
    for op, arity, _, payload in simplify(scaled(entry.nodes, entry.slope, entry.intercept)).tolist():
        operands = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        label, kind = _label(op, payload, entry.names)
        stack.append(Place(label, LETTER * len(label) + PADDING, operands, kind))
    return stack[0]


def _label(op: int, payload: int, names: tuple[str, ...]) -> tuple[str, str]:
    if op == CONSTANT:
        return number(constant_value(payload), 4).replace("-", "−"), "constant"
    if op == VARIABLE:
        return shown(names[payload], NAME_LETTERS), "variable"
    return SIGNS.get(NAMES[op], NAMES[op]), "function"


def draw(axes: "Axes", root: Place, font: float = FONT) -> None:
    """Draws a tree that `tidy` has laid out into axes of yours; one unit is an inch where nothing is scaled."""
    axes.set_axis_off()
    for place in root:
        for child in place.children:
            axes.plot([place.x, child.x], [-place.depth, -child.depth], color=INK, linewidth=0.8, alpha=0.6, zorder=1)
    for place in root:
        shape, colour = FRAMES[place.kind]
        box = {"boxstyle": shape, "facecolor": PAPER, "edgecolor": colour, "linewidth": 1.4}
        axes.text(
            place.x, -place.depth, place.label, fontsize=font, color=INK, ha="center", va="center", bbox=box, zorder=2,
            parse_math=False,
        )  # fmt: skip
    places = list(root)
    left, right = min(p.x - p.width / 2 for p in places), max(p.x + p.width / 2 for p in places)
    axes.set_xlim(left - 0.2, right + 0.2)
    axes.set_ylim(-max(p.depth for p in places) - 0.65, 0.65)
