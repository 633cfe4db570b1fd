"""A figure that notebooks show by themselves, whether or not pyplot was ever loaded."""

import io

from matplotlib.figure import Figure

DOTS_PER_INCH = 110


class Picture(Figure):
    """A matplotlib Figure that IPython displays as what it is."""

    def _repr_png_(self) -> bytes:
        written = io.BytesIO()
        self.savefig(written, format="png", dpi=DOTS_PER_INCH)
        return written.getvalue()
