"""What the console draws: a chart of a worker's history, histograms of its population. Reading is total, whatever is answered."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from vgp.errors import InputError
from vgp.suggestions import did_you_mean
from vmesh.admin.printing import Part, count, text
from vmesh.drawing.bars import bar
from vmesh.drawing.charts import chart
from vmesh.errors import AdminError
from vmesh.figures.record import Histogram
from vmesh.figures.record import histogram as read_histogram
from vmesh.figures.record import number as read_number

#: By word: the columns of a history that it may stand in, its name for a person, whether it is looked at by its logarithm.
CURVES = {
    "loss": (("best_loss",), "best loss", True),
    "pace": (("pace", "evaluations_per_second"), "evaluations per second", False),
    "living": (("living",), "living", False),
}
POINTS = 400
HEIGHT = 14
BAR = 30  # columns
MOST_BINS = 12
UNITS = {"age": "ticks", "size": "nodes", "energy": ""}


def curve_named(word: str) -> str:
    """The name of a curve. Raises InputError."""
    if word not in CURVES:
        raise InputError(f"there is no chart {word!r}; {did_you_mean(word, CURVES)}")
    return word


def history_chart(worker: str, word: str, history: Any, columns: int, now: float) -> list[Part]:
    """The curve of one worker. Raises AdminError where its history has none."""
    names, title, logarithmic = CURVES[word]
    columns_of = history if isinstance(history, Mapping) else {}
    times, values = (_numbers(columns_of.get(next((name for name in of if name in columns_of), ""))) for of in (("time",), names))
    if not times or len(times) != len(values):
        raise AdminError(f"{worker}: its history has no {title} yet")
    moments = dict(zip(times, values, strict=True))
    ascending = sorted(when for when in moments if math.isfinite(when))
    shown = [moments[when] for when in ascending]
    rows = chart(ascending, shown, columns, HEIGHT, text if logarithmic else count, lambda when: ago(now - when), logarithmic)
    if not rows:
        raise AdminError(f"{worker}: its history has no two points of {title} yet; try again in a minute")
    last = next(value for value in reversed(shown) if math.isfinite(value))
    heading = f"{worker}: {title}{', logarithmic' if logarithmic else ''}; now {text(last) if logarithmic else count(last)}"
    return [heading, *rows]


def population(answers: Mapping[str, Any]) -> list[Part]:
    """Age, size and energy of the living of each worker, as bars."""
    parts: list[Part] = []
    for worker, figures in answers.items():
        if not isinstance(figures, Mapping):
            raise AdminError(f"{worker}: its figures are not what this version expects")
        parts += [*([""] if parts else []), f"{worker}: {count(figures.get('living'))} living"]
        for name, unit in UNITS.items():
            found = read_histogram(figures.get(name)) or Histogram()
            mean = read_number(figures.get(f"mean_{name}"))
            parts += [f"{name}, mean {'-' if mean is None else f'{mean:.3g}'} {unit}".rstrip(), *_bars(found)]
    return parts


def ago(seconds: float) -> str:
    """How long before now."""
    if seconds < 1:
        return "now"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def moment() -> str:
    """Now, for the head of what is watched."""
    return time.strftime("%H:%M:%S")


def _bars(found: Histogram) -> list[str]:
    """At most some bins: neighbours are put together."""
    each = -(-len(found.counts) // MOST_BINS) or 1
    bins = [(found.edges[at], sum(found.counts[at : at + each])) for at in range(0, len(found.counts), each)]
    while bins and bins[-1][1] == 0:  # nobody is that old
        bins.pop()
    most = max((number for _, number in bins), default=0)
    labels = [f"from {edge:.4g}" for edge, _ in bins]
    width = max(map(len, labels), default=0)
    rows = [
        f"  {label:>{width}} {bar(number / most if most else 0.0, BAR)} {count(number)}"
        for label, (_, number) in zip(labels, bins, strict=True)
    ]
    return rows or ["  nobody is alive"]


def _numbers(value: Any) -> list[float]:
    """A column as it is, NaN for what is no number."""
    found = [read_number(one) for one in value] if isinstance(value, list) else []
    return [math.nan if one is None else one for one in found]
