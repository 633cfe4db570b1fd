"""The pictures of a report as parts of its page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vgp import pictures
from vgp.errors import InputError
from vgp.model import Model
from vgp.pictures import predicted, remainders
from vgp.pictures.canvas import blank, figure
from vgp.pictures.compared import Compared
from vgp.pictures.svg import svg
from vgp.report.markup import note

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Gallery:
    """Draws what there is, and notes what there is not. Raises InputError at once where matplotlib is missing."""

    def __init__(self, model: Model):
        blank(1, 1)
        self.model = model
        self.notes: list[str] = []

    def front(self) -> str:
        return self._shown("front", "Loss of the best formula of each size", lambda: pictures.front(self.model))

    def tree(self) -> str:
        return self._shown("tree", "The recommended formula as a tree", lambda: pictures.tree(self.model))

    def convergence(self) -> str:
        return self._shown("convergence", "Best and median loss against evaluations", lambda: pictures.convergence(self.model))

    def life(self) -> str:
        return self._shown("life", "Diversity and deaths by cause against evaluations", lambda: pictures.life(self.model))

    def family(self) -> str:
        return self._shown("family", "Ancestors of the recommended formula", lambda: pictures.family(self.model))

    def predictions(self, pairs: Compared) -> str:
        def drawn() -> "Figure":
            made: Figure
            made, axes = figure(5.0, 4.4)
            predicted.draw(axes, self.model, pairs)
            return made

        return self._shown("predictions", "Predicted against actual values", drawn)

    def residuals(self, pairs: Compared) -> str:
        caption = "Residuals, and how often each size occurs"
        return self._shown("residuals", caption, lambda: remainders.figure_of(self.model, pairs))

    def _shown(self, name: str, caption: str, drawn: Callable[[], "Figure"]) -> str:
        """A figure with its caption; a note where the model lacks what it needs, or holds numbers that nobody could draw."""
        try:
            with np.errstate(all="ignore"):
                picture = svg(drawn(), name, caption)
        except InputError as error:
            reason = str(error)
        except (ValueError, ArithmeticError):
            reason = f"the numbers in the model are too large or too small to be drawn: {caption.lower()}"
        else:
            return f'<figure id="{name}">\n{picture}\n<figcaption>{caption}</figcaption>\n</figure>'
        self.notes.append(reason)
        return note(reason)
