"""Views as the page reads them: JSON, one row of numbers for each worker, what is not finite as null (docs/watching.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vgp.statistics import DEATHS
from vmesh.figures.record import Figures, Histogram
from vmesh.watch.feed import Past
from vmesh.watch.view import Found, Said, Seen, View

Plain = dict[str, Any]
SUMMED = ("evaluations", "evaluations_per_second", "living", "births", "immigrants", "duplicates", "stillborn")
HISTOGRAMS = ("age", "size", "energy")
COUNTERS = ("deaths", "invalid", "exchange")


def finite(value: float) -> float | None:
    """JSON has neither infinity nor NaN."""
    return value if math.isfinite(value) else None


def _figure(name: str) -> Callable[[Seen], Any]:
    return lambda seen: getattr(seen.figures, name)


def _number(name: str) -> Callable[[Seen], Any]:
    return lambda seen: finite(getattr(seen.figures, name))


COLUMNS: dict[str, Callable[[Seen], Any]] = {
    "name": _figure("name"),
    "state": lambda seen: "silent" if seen.silent else seen.figures.state,
    "uptime": _number("uptime"),
    "tick": _figure("tick"),
    "era": _figure("era"),
    "evaluations": _figure("evaluations"),
    "evaluations_per_second": _number("evaluations_per_second"),
    "living": _figure("living"),
    "capacity": _figure("capacity"),
    "best_loss": _number("best_loss"),
    "best_r2": _number("best_r2"),
    "best_size": _figure("best_size"),
    "median_loss": _number("median_loss"),
    "mean_size": _number("mean_size"),
    "mean_age": _number("mean_age"),
    "mean_energy": _number("mean_energy"),
    "diversity": _number("diversity"),
    "births": _figure("births"),
    "deaths": lambda seen: sum(seen.figures.deaths.values()),
    "immigrants": _figure("immigrants"),
    "sent": lambda seen: seen.figures.exchange.get("sent_organisms", 0),
    "accepted": lambda seen: seen.figures.exchange.get("accepted", 0),
    "memory_bytes": lambda seen: seen.figures.memory_bytes + seen.figures.sandbox_memory_bytes,
    "memory_limit_bytes": _figure("memory_limit_bytes"),
    "cpu": lambda seen: finite(seen.cpu),
    "checkpoint_age": _number("checkpoint_age"),
    "checkpoint_bytes": _figure("checkpoint_bytes"),
    "checkpoint_tick": _figure("checkpoint_tick"),
    "checkpoint_error": _figure("checkpoint_error"),
}


def encoded(content: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(content, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()


def view_of(view: View, front: bool) -> Plain:
    """One view. `front`: with the front, which is left out where it is as before."""
    return {
        "time": view.time,
        "workers": [[read(seen) for read in COLUMNS.values()] for seen in view.workers.values()],
        "silent": {**view.silent, **{name: seen.silent for name, seen in view.workers.items() if seen.silent}},
        "mesh": mesh_of(view),
        "links": links_of(view),
        "front": front_of(view.front) if front else None,
        "lines": lines_of(view.lines),
    }


def mesh_of(view: View) -> Plain:
    """All workers together."""
    answering = view.answering
    known = [seen for seen in answering if not math.isnan(seen.figures.best_loss)]
    best = min(known, key=lambda seen: seen.figures.best_loss, default=None)
    newest = max(answering, key=lambda seen: seen.figures.data_version, default=None)
    mixed = [seen.figures.diversity for seen in answering if math.isfinite(seen.figures.diversity)]
    return {
        "workers": len(view.workers) + len(view.silent),
        "answering": len(answering),
        **{name: view.total(name) for name in SUMMED},
        "best_loss": finite(best.figures.best_loss) if best else None,
        "best_r2": finite(best.figures.best_r2) if best else None,
        "best_worker": best.figures.name if best else "",
        **{name: view.counters(name) for name in COUNTERS},
        **{name: histogram_of(view.histogram(name)) for name in HISTOGRAMS},
        "memory_bytes": view.total("memory_bytes") + view.total("sandbox_memory_bytes"),
        "memory_limit_bytes": view.total("memory_limit_bytes"),
        "cpu": sum(seen.cpu for seen in answering if math.isfinite(seen.cpu)),
        "diversity": sum(mixed) / len(mixed) if mixed else None,
        "data": data_of(newest.figures) if newest else None,
    }


def links_of(view: View) -> list[list[int]]:
    """[from row, to row, organisms sent since the view before] for each pair of neighbours."""
    row = {name: number for number, name in enumerate(view.workers)}
    return [
        [row[name], row[other], sent]
        for name, seen in view.workers.items()
        for other, sent in seen.sent.items()
        if other in row and not seen.silent
    ]


def front_of(front: Iterable[Found]) -> list[Plain]:
    """Formulas with who has them."""
    return [
        {
            **{name: getattr(found.row, name) for name in ("size", "loss", "formula", "mathml", "chosen", "id")},
            "r2": None if found.row.r2 is None else finite(found.row.r2),
            "worker": found.worker,
        }
        for found in front
    ]


def shortened(value: float) -> float | None:
    """Five digits: curves of hundreds of workers are drawn, not read."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def lines_of(lines: Iterable[Said]) -> list[list[Any]]:
    """[time, worker, level, text] each."""
    return [[line.time, line.worker, line.level, line.text] for line in lines]


def past_of(past: Past) -> Plain:
    """Curves by worker."""
    return {
        "workers": {
            name: {
                "time": [round(x, 1) for x in curve.time],
                "best_loss": [shortened(x) for x in curve.best_loss],
                "evaluations_per_second": [shortened(x) for x in curve.evaluations_per_second],
            }
            for name, curve in past.curves.items()
        }
    }


def worker_of(seen: Seen) -> Plain:
    """All that one worker told."""
    figures = seen.figures
    return {
        **{name: getattr(figures, name) for name in ("name", "admin", "version", "incarnation", "state", "loss", "tick", "era")},
        **{name: finite(getattr(figures, name)) for name in ("uptime", "best_loss", "best_r2", "median_loss", "diversity")},
        **{name: histogram_of(getattr(figures, name)) for name in HISTOGRAMS},
        **{name: dict(getattr(figures, name)) for name in COUNTERS},
        "silent": seen.silent,
        "sandbox_restarts": figures.sandbox_restarts,
        "memory_bytes": figures.memory_bytes,
        "sandbox_memory_bytes": figures.sandbox_memory_bytes,
        "memory_limit_bytes": figures.memory_limit_bytes,
        "checkpoint_age": finite(figures.checkpoint_age),
        "checkpoint_bytes": figures.checkpoint_bytes,
        "checkpoint_error": figures.checkpoint_error,
        "data": data_of(figures),
        "neighbours": [list(row) for row in figures.neighbours],
    }


def data_of(figures: Figures) -> Plain:
    """The table that a worker evolves on."""
    return {"url": figures.data_url, "version": figures.data_version, "rows": figures.data_rows, "target": figures.target}


def histogram_of(histogram: Histogram) -> Plain:
    return {"edges": list(histogram.edges), "counts": list(histogram.counts)}


def begin_of(view: View, kind: str, title: str, extra: Mapping[str, Any]) -> Plain:
    """What a browser is told first."""
    return {"kind": kind, "title": title, "columns": list(COLUMNS), "causes": list(DEATHS), "time": view.time, **extra}
