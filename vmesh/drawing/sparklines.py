"""A curve in one row of characters, or in some: eight steps of height for each."""

from __future__ import annotations

import math
from collections.abc import Sequence

STEPS = " ▁▂▃▄▅▆▇█"
SIDE = len(STEPS) - 1  # steps of one row


def sparkline(values: Sequence[float], width: int, low: float | None = None, high: float | None = None) -> str:
    """The last values, the newest at the right; what is not finite is a gap. Bounds are those of the values shown."""
    return "".join(area(values, width, 1, low, high))


def area(values: Sequence[float], width: int, height: int, low: float | None = None, high: float | None = None) -> list[str]:
    """The same over several rows, the highest first; the least value still stands one step high."""
    shown = list(values)[-width:] if width > 0 else []
    heights = _heights(shown, height * SIDE, low, high)
    blank = " " * (width - len(shown))
    return [blank + "".join(STEPS[min(max(tall - SIDE * row, 0), SIDE)] for tall in heights) for row in reversed(range(height))]


def thinned(values: Sequence[float], width: int) -> list[float]:
    """At most `width` values: means of neighbours, without those that are not finite."""
    if len(values) <= width:
        return list(values)
    return [mean(values[at * len(values) // width : (at + 1) * len(values) // width]) for at in range(width)]


def logarithms(values: Sequence[float]) -> list[float]:
    """Base 10: how losses are looked at. What is 0 stands at the least of the others, what has no logarithm is a gap."""
    found = [math.log10(value) if math.isfinite(value) and value > 0 else math.nan for value in values]
    least = min((value for value in found if not math.isnan(value)), default=0.0)
    return [least if value == 0 else log for value, log in zip(values, found, strict=True)]


def mean(values: Sequence[float]) -> float:
    """Of those that are finite; NaN if none is. Halves first: a sum of large ones could leave what a double holds."""
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(value / len(finite) for value in finite) if finite else math.nan


def _heights(values: Sequence[float], steps: int, low: float | None, high: float | None) -> list[int]:
    """0 for a gap, else 1 to `steps`."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return [0] * len(values)
    bottom = min(finite) if low is None else low
    top = max(finite) if high is None else high
    half = top / 2 - bottom / 2  # of the range: the range itself may leave what a double holds
    if half <= 0:
        return [0 if not math.isfinite(value) else 1 for value in values]
    shares = (min(max((value / 2 - bottom / 2) / half, 0.0), 1.0) if math.isfinite(value) else -1.0 for value in values)
    return [0 if share < 0 else 1 + round(share * (steps - 1)) for share in shares]
