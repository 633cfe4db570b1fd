"""A curve with its axes, drawn with Braille dots: two across and four down in every character."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from vmesh.drawing.cells import clip, right, width

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # Unicode's bits of the dots, by row and column
BLANK = 0x2800
LARGEST = 308.0  # logarithm of what a double still holds
LEAST_WIDTH, LEAST_HEIGHT = 24, 5

Label = Callable[[float], str]


def chart(
    times: Sequence[float],
    values: Sequence[float],
    columns: int,
    height: int,
    label: Label,
    time_label: Label,
    logarithmic: bool = False,
) -> list[str]:
    """Rows of at most `columns` characters: the values over time, their axis at the left, times below. Empty without two points.

    What is not finite is left out, and so is what has no logarithm where the axis is logarithmic.
    """
    points = [
        (when, math.log10(value) if logarithmic else value)
        for when, value in zip(times, values, strict=True)
        if math.isfinite(when) and math.isfinite(value) and (value > 0 or not logarithmic)
    ]
    if len(points) < 2:
        return []
    columns, height = max(columns, LEAST_WIDTH), max(height, LEAST_HEIGHT)
    low, high = min(value for _, value in points), max(value for _, value in points)
    middle = high / 2 + low / 2
    ends = [10 ** min(value, LARGEST) if logarithmic else value for value in (high, middle, low)]
    shown = [label(value) for value in ends]
    margin = min(max(map(width, shown)), columns // 2)
    canvas = Canvas(columns - margin - 2, height - 2)
    canvas.curve(points, low, high)
    at = {0: shown[0], (height - 3) // 2: shown[1], height - 3: shown[2]} if high > low else {height - 3: shown[2]}
    rows = [f"{right(at.get(place, ''), margin)} ┤{row}" for place, row in enumerate(canvas.rows())]
    rows.append(f"{'':{margin}} └{'─' * (columns - margin - 2)}")
    first, last = time_label(points[0][0]), time_label(points[-1][0])
    between = max(columns - margin - 2 - width(first) - width(last), 1)
    rows.append(clip(f"{'':{margin}}  {first}{' ' * between}{last}", columns))
    return [row.rstrip() for row in rows]


class Canvas:
    """Dots that can be set."""

    def __init__(self, columns: int, rows: int) -> None:
        self.width, self.height = 2 * columns, 4 * rows
        self._cells = [[0] * columns for _ in range(rows)]

    def dot(self, x: int, y: int) -> None:
        """The dot x from the left and y from below."""
        down = self.height - 1 - y
        self._cells[down // 4][x // 2] |= DOTS[down % 4][x % 2]

    def curve(self, points: Sequence[tuple[float, float]], low: float, high: float) -> None:
        """A line through points that go from left to right."""
        begin, end = points[0][0], points[-1][0]
        placed = [(_place(when, begin, end, self.width), _place(value, low, high, self.height)) for when, value in points]
        for (x, y), (next_x, next_y) in itertools.pairwise(placed):
            steps = max(abs(next_x - x), abs(next_y - y), 1)
            for step in range(steps + 1):
                self.dot(x + (next_x - x) * step // steps, y + (next_y - y) * step // steps)

    def rows(self) -> list[str]:
        """The characters, the highest row first."""
        return ["".join(chr(BLANK + cell) if cell else " " for cell in row) for row in self._cells]


def _place(value: float, low: float, high: float, size: int) -> int:
    half = high / 2 - low / 2
    share = (value / 2 - low / 2) / half if half > 0 else 0.0
    return min(max(round(share * (size - 1)), 0), size - 1)
