"""A figure as SVG inside a page: text stays text, ids are its own, ink and paper are the page's."""

import io
import re
import warnings
from threading import Lock
from typing import TYPE_CHECKING

from vgp.pictures.canvas import INK, PAPER

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FONTS = "'DejaVu Sans', Verdana, sans-serif"  # alike in width: labels stay where they fit

_SETTINGS = Lock()  # matplotlib's writer reads settings that are global


def svg(figure: "Figure", prefix: str, title: str) -> str:
    """One <svg> element without declarations, metadata or style sheet; `title` (plain text of ours) is what screen readers say.

    prefix: letters that every id begins with, so that pictures of one page do not use each other's parts. The same figure gives the
    same text. Ink becomes currentColor, paper var(--paper).
    """
    from matplotlib import rc_context

    written = io.StringIO()
    with _SETTINGS, warnings.catch_warnings(), rc_context({"svg.fonttype": "none", "svg.hashsalt": prefix}):
        warnings.filterwarnings("ignore", "Glyph .* missing from")  # the reader's fonts draw it
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, count=1, flags=re.S)
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, count=1, flags=re.S)
    text = re.sub(r'(?<= id=")|(?<=href="#)|(?<=url\(#)', f"{prefix}-", text)
    text = text.replace("xlink:href=", "href=").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    text = re.sub(r"font-family: [^;\"]*", f"font-family: {FONTS}", text)
    text = text.replace(INK, "currentColor").replace(PAPER, "var(--paper)")
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{title}" ', text, count=1).strip()
