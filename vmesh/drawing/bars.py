"""Shares as horizontal bars, histograms as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vmesh.drawing.sparklines import area

EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float, width: int) -> str:
    """0 to 1 as a bar of exactly `width` columns, in steps of an eighth of a column."""
    share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    whole, part = divmod(round(share * width * 8), 8)
    return ("█" * whole + (EIGHTHS[part] if part else "")).ljust(width)


def columns(counts: Sequence[int], width: int, height: int) -> list[str]:
    """A histogram: one column for each bin, widened or joined so that they fill the width; what is empty stays empty."""
    if not counts or width <= 0 or max(counts) == 0:
        return [" " * max(width, 0)] * height
    if len(counts) > width:
        counts = [sum(counts[at * len(counts) // width : (at + 1) * len(counts) // width]) for at in range(width)]
    each = width // len(counts)
    values = [float(count) if count else math.nan for count in counts for _ in range(each)]
    return [row.ljust(width) for row in area(values, len(values), height, 0.0, float(max(counts)))]
