"""The head: how the mesh does as a whole, in three rows, and two charts where there is room for them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from vmesh.drawing.bars import bar
from vmesh.drawing.cells import Row, beside, block, clean, right, width
from vmesh.drawing.sparklines import area, logarithms, sparkline
from vmesh.figures.record import Figures
from vmesh.top import figures
from vmesh.top.columns import STATE_STYLES
from vmesh.top.picture import Scene, items

ROWS = 3
STALE_SECONDS = 5.0
LEAST_SPARK, MOST_SPARK = 6, 60


def head(scene: Scene, columns: int, height: int) -> list[Row]:
    """Title, pace and loss, machine."""
    return block([_title(scene, columns), _evolution(scene, columns), _machine(scene, columns)], columns, height)


def charts(scene: Scene, columns: int, height: int) -> list[Row]:
    """Pace and best loss over the last minutes, side by side."""
    half = (columns - 2) // 2
    mesh = scene.trends.mesh
    top = max((x for x in mesh.pace if math.isfinite(x)), default=math.nan)
    began = next((x for x in mesh.loss if math.isfinite(x)), math.nan)
    pace = _chart("evaluations per second", f"to {figures.amount(top)}", area(list(mesh.pace), half, height - 1, low=0.0), half)
    other = columns - 2 - half
    fall = area(logarithms(list(mesh.loss)), other, height - 1)
    loss = _chart("best loss (logarithmic)", f"from {figures.loss(began)}", fall, other)
    return beside([block(pace, half, height), block(loss, other, height)])


def _chart(title: str, note: str, rows: Sequence[str], columns: int) -> list[Row]:
    heading: Row = [("dim", title), ("dim", right(note, max(columns - width(title), 0)))]
    return [heading, *([("accent", row)] for row in rows)]


def _title(scene: Scene, columns: int) -> Row:
    view = scene.view
    known = len(scene.known)
    states = Counter(member.state for member in scene.known)
    shown: Row = []
    for state, style in STATE_STYLES.items():
        if states[state]:
            text = state if states[state] == known else f"{states[state]} {state}"
            shown += [*([("", ", ")] if shown else []), (style, text)]
    parts: list[Row] = [
        [("title", "vmesh top"), ("bold", f"  {clean(scene.title)}" if scene.title else "")],
        [("bold", f"{len(view.answering)}"), ("", f" of {figures.plural(known, 'worker')}")],
        shown,
        [("dim", "up "), ("", figures.time(most(scene, "uptime")))],
    ]
    if scene.state.frozen:
        parts.insert(1, [("warn", "FROZEN")])
    elif scene.age > STALE_SECONDS:
        parts.insert(1, [("bad", f"{figures.time(scene.age)} old")])
    if scene.kind != "live":
        parts.insert(1, [("warn", scene.kind)])
    return items([part for part in parts if part], columns)


def _evolution(scene: Scene, columns: int) -> Row:
    pace = figures.amount(scene.view.total("evaluations_per_second"))
    loss, r2 = figures.loss(scene.view.best_loss), figures.r2(best_r2(scene))
    texts = (f"{pace} evaluations/s ", f"best loss {loss} ", f"R2 {r2}")
    room = (columns - sum(map(len, texts)) - 6) // 2
    spark = min(room, MOST_SPARK) if room >= LEAST_SPARK else 0
    mesh = scene.trends.mesh
    return items(
        [
            [("bold", pace), ("dim", " evaluations/s "), ("accent", sparkline(list(mesh.pace), spark, low=0.0))],
            [("dim", "best loss "), ("bold", f"{loss} "), ("good", sparkline(logarithms(list(mesh.loss)), spark))],
            [("dim", "R2 "), ("bold", r2)],
        ],
        columns,
    )


def _machine(scene: Scene, columns: int) -> Row:
    view = scene.view
    used = view.total("memory_bytes") + view.total("sandbox_memory_bytes")
    limit = view.total("memory_limit_bytes")
    part = figures.share(used, limit)
    cpu = [seen.cpu for seen in view.answering if math.isfinite(seen.cpu)]
    data = next((seen.figures for seen in view.answering), Figures())
    table = f"{clean(data.data_url.rpartition('/')[2])} v{data.data_version}, {figures.amount(data.data_rows)} rows"
    return items(
        [
            [("dim", "memory "), ("bold", figures.size(used)), *_limit(limit, part)],
            [("dim", "cpu "), ("bold", figures.cores(math.fsum(cpu) if cpu else math.nan)), ("dim", " cores")],
            [("bold", figures.amount(view.total("evaluations"))), ("dim", " evaluations")],
            [("bold", figures.amount(view.total("living"))), ("dim", " living")],
            [("dim", "data "), ("", table)] if data.data_url else [("dim", "no table")],
        ],
        columns,
    )


def _limit(limit: float, part: float) -> Row:
    if not limit:
        return []
    return [("", f" of {figures.size(limit)} "), ("warn" if part > 0.9 else "accent", bar(part, 8)), ("", figures.percent(part))]


def most(scene: Scene, name: str) -> float:
    """The largest value of a figure among those who answer."""
    return max((float(getattr(seen.figures, name)) for seen in scene.view.answering), default=math.nan)


def best_r2(scene: Scene) -> float:
    """That of the worker with the best loss."""
    known = [seen.figures for seen in scene.view.answering if not math.isnan(seen.figures.best_loss)]
    return min(known, key=lambda found: found.best_loss).best_r2 if known else math.nan
