"""The tables: per noise level and budget a row per engine, shares with Wilson's intervals, medians with bootstrapped ones.

A run that failed counts as a run that found nothing. Times are CPU seconds until the test R2 of the formula with the least training
error first exceeded 0.9999; `x vgp` is the median of an engine's time over vgp's on the runs where both got there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vgp.benchmarks.quality.intervals import median_interval, wilson
from vgp.benchmarks.quality.judging import ACCURATE

Record = Mapping[str, Any]
Row = dict[str, Any]
SHARES = {"exact": "exact %", "srbench": "srbench %", "form": "form %", "wide": "wide %"}


def tables(records: Iterable[Record]) -> dict[str, list[Row]]:
    """A table per noise level and budget, by title."""
    groups: dict[tuple[float, float], list[Record]] = {}
    for record in records:
        groups.setdefault((record["noise"], record["seconds"]), []).append(record)
    return {f"noise {noise:g}, {seconds:g} s": table(group) for (noise, seconds), group in sorted(groups.items())}


def table(records: Sequence[Record]) -> list[Row]:
    """A row per engine, in the order in which they come."""
    engines = list(dict.fromkeys(label(record) for record in records))
    of = {name: [record for record in records if label(record) == name] for name in engines}
    ours = next((of[name] for name in engines if name == "vgp"), of[engines[0]] if engines else [])
    return [row(name, of[name], ours) for name in engines]


def label(record: Record) -> str:
    """The engine, with the settings that were changed."""
    changed = " ".join(f"{name}={value}" for name, value in record.get("settings", {}).items())
    return f"{record['engine']} {changed}".strip()


def row(name: str, records: Sequence[Record], ours: Sequence[Record]) -> Row:
    """One engine's figures."""
    n = len(records)
    result: Row = {"engine": name, "runs": n, "failed": sum(record["status"] != "done" for record in records)}
    for key, title in SHARES.items():
        result |= share(title, sum(bool(record.get(key)) for record in records), n)
    result |= share("R2>0.999 %", sum((record.get("r2") or 0) > ACCURATE for record in records), n)
    result |= median("size", [record["size"] for record in records if record.get("size")])
    result |= median("s to R2>0.9999", [record["soon"] for record in records if record.get("soon") is not None])
    result |= median("x vgp", ratios(records, ours))
    return result


def ratios(records: Sequence[Record], ours: Sequence[Record]) -> list[float]:
    """Of times, where both got there."""
    times = {place(record): record["soon"] for record in ours if record.get("soon") is not None}
    there = [record for record in records if record.get("soon") is not None and place(record) in times]
    return [record["soon"] / max(times[place(record)], 1e-3) for record in there]


def place(record: Record) -> tuple[str, int]:
    return record["problem"], record["seed"]


def share(title: str, successes: int, n: int) -> Row:
    low, high = wilson(successes, n)
    return {title: 100 * successes / n if n else None, f"{title} interval": [100 * low, 100 * high]}


def median(title: str, values: Sequence[float]) -> Row:
    middle, low, high = median_interval(values)
    return {title: middle, f"{title} interval": [low, high]} if values else {title: None, f"{title} interval": None}


def printable(rows: Iterable[Row]) -> list[Row]:
    """Figures and intervals in one cell: 71.2 [65, 77]."""
    return [{key: cell(row, key) for key in row if not key.endswith(" interval")} for row in rows]


def cell(row: Row, key: str) -> Any:
    interval = row.get(f"{key} interval")
    if interval is None or row[key] is None:
        return row[key]
    low, high = interval
    return f"{row[key]:.3g} [{low:.3g}, {high:.3g}]"
