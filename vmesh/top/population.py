"""Who is born and who dies, by cause; how old, how large and how well fed the living are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from vmesh.drawing.bars import bar
from vmesh.drawing.bars import columns as bars
from vmesh.drawing.cells import Row, beside, block, clean, left, right
from vmesh.figures.record import Histogram
from vmesh.top import figures
from vmesh.top.picture import Scene, rule
from vmesh.watch.view import Seen

UNITS = {"age": "ticks", "size": "nodes", "energy": ""}
NAME, NUMBER = 15, 7


def fates(scene: Scene, columns: int, height: int) -> list[Row]:
    """Births and deaths: total and per second, deaths with their share as a bar."""
    rates, view = scene.trends.rates, scene.view
    rows = [rule("births and deaths", columns, "total, /s")]
    listed = [
        ("births", view.total("births"), rates.births),
        ("immigrants", view.total("immigrants"), rates.immigrants),
        ("duplicates", view.total("duplicates"), rates.duplicates),
        ("stillborn", view.total("stillborn"), rates.stillborn),
    ]
    deaths = _deaths(view.counters("deaths"), rates.deaths)
    room = max(height - 1, 0)
    kept = listed if len(deaths) + len(listed) <= room else listed[: max(room - len(deaths), 2)]
    rows += [_fate(name, total, rate, "good", "", columns) for name, total, rate in kept]
    all_deaths = math.fsum(total for _, total, _ in deaths)
    for name, total, rate in deaths:
        rest = max(columns - NAME - 2 * NUMBER - 3, 0)
        rows.append(_fate(name, total, rate, "bad", bar(figures.share(total, all_deaths), rest) if rest >= 4 else "", columns))
    return block(rows, columns, height)


def histograms(scene: Scene, columns: int, height: int) -> list[Row]:
    """Age, size and energy of the living, side by side under a heading, or below each other where that leaves too little."""
    rows = [rule("population", columns, f"{figures.amount(scene.view.total('living'))} living")]
    return [*block(rows, columns, 1), *three(scene.view.answering, scene.view.histogram, columns, height - 1)]


def three(seen: Sequence[Seen], histogram: Callable[[str], Histogram], columns: int, height: int) -> list[Row]:
    """The three of some workers."""
    names = list(UNITS)
    if columns >= 60:
        each = (columns - 4) // 3
        widths = [each, each, columns - 4 - 2 * each]
        return beside([one(name, seen, histogram(name), wide, height) for name, wide in zip(names, widths, strict=True)])
    each = max(height // 3, 1)
    rows = [row for name in names for row in one(name, seen, histogram(name), columns, each)]
    return block(rows, columns, height)


def one(name: str, seen: Sequence[Seen], histogram: Histogram, columns: int, height: int) -> list[Row]:
    """Name and mean, bars, and where they begin and end; in few rows the bars alone with the name beside them."""
    mean = f"{figures.rate(mean_of(seen, name))} {UNITS[name]}".strip()
    if height <= 1:
        label = left(name, 7)
        return block([[("dim", label), ("accent", "".join(bars(histogram.counts, max(columns - 7, 0), 1)))]], columns, height)
    heading: Row = [("dim", left(name, 7)), ("", right(mean, max(columns - 7, 0)))]
    edges = height >= 4 and bool(histogram.edges)
    drawn: list[Row] = [[("accent", row)] for row in bars(histogram.counts, columns, height - 1 - edges)]
    return block([heading, *drawn, *([_edges(histogram, columns)] if edges else [])], columns, height)


def mean_of(seen: Sequence[Seen], name: str) -> float:
    """Of all the living of these workers."""
    weighed = [(getattr(one.figures, f"mean_{name}"), one.figures.living) for one in seen]
    known = [(value, living) for value, living in weighed if math.isfinite(value) and living > 0]
    whole = sum(living for _, living in known)
    return math.fsum(value * (living / whole) for value, living in known) if whole else math.nan


def _edges(histogram: Histogram, columns: int) -> Row:
    first, last = figures.rate(histogram.edges[0]), f"{figures.rate(histogram.edges[-1])}+"
    return [("dim", first), ("dim", right(last, max(columns - len(first), 0)))]


def _deaths(totals: Mapping[str, int], rates: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """The most frequent first."""
    return sorted(((name.replace("_", " "), float(total), rates.get(name, math.nan)) for name, total in totals.items()),
                  key=lambda death: (-death[1], death[0]))  # fmt: skip


def _fate(name: str, total: float, rate: float, style: str, drawn: str, columns: int) -> Row:
    return [
        ("", left(clean(name), min(NAME, columns))),
        ("dim", right(figures.amount(total), NUMBER)),
        (style if rate > 0 else "dim", right(figures.rate(rate), NUMBER)),
        ("bad", f"  {drawn}" if drawn else ""),
    ]
