"""The tables as a picture: shares with their intervals, and how the solved share grows with CPU time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.quality.summary import Record, Row, label

SHARES = ("exact %", "wide %", "R2>0.999 %")


def draw(results: Mapping[str, Sequence[Row]], records: Sequence[Record], path: Path) -> bool:
    """Writes a PNG: a row of two panels per table. False where matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(results), 2, figsize=(11, 3.4 * len(results)), squeeze=False, layout="constrained")
    groups = by_title(records)
    for (title, rows), (left, right) in zip(results.items(), axes, strict=True):
        draw_shares(left, title, rows)
        draw_times(right, groups.get(title, []))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return True


def by_title(records: Sequence[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(f"noise {record['noise']:g}, {record['seconds']:g} s", []).append(record)
    return groups


def draw_shares(axes: Any, title: str, rows: Sequence[Row]) -> None:
    """Bars per engine, with 95 % intervals."""
    width = 0.8 / max(len(rows), 1)
    for k, row in enumerate(rows):
        heights = np.array([row[share] for share in SHARES], float)
        spans = np.abs(np.array([row[f"{share} interval"] for share in SHARES], float).T - heights)
        axes.bar(np.arange(len(SHARES)) + k * width, heights, width, yerr=spans, capsize=2, label=row["engine"])
    axes.set(title=title, ylabel="% of runs", ylim=(0, 100))
    axes.set_xticks(np.arange(len(SHARES)) + 0.4 - width / 2, SHARES)
    axes.legend(fontsize="small")


def draw_times(axes: Any, records: Sequence[Record]) -> None:
    """The share of runs whose test R2 exceeded 0.9999 by a time."""
    for name in dict.fromkeys(label(record) for record in records):
        runs = [record for record in records if label(record) == name]
        times = sorted(max(record["soon"], 1e-3) for record in runs if record.get("soon") is not None)
        solved = 100 * np.arange(1, len(times) + 1) / len(runs)
        end, last = max(record["seconds"] for record in runs), 100 * len(times) / len(runs)
        axes.step([*times[:1], *times, end], [0.0] * bool(times) + [*solved, last], where="post", label=name)
    axes.set(xscale="log", xlabel="CPU seconds", ylabel="% with test R2 > 0.9999", ylim=(0, 102))
    axes.legend(fontsize="small")
