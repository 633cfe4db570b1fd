"""Membership in virtual time: what it costs in small and large meshes, and how they outlive the end of all seeds and half of them.

A round is a ping interval. Messages take up to 50 ms; bytes are those of their encoding. A picture goes to results/membership.png.
The bars: whole after everything at once, re-linked within 40 rounds, traffic per worker equal within 20 %.
"""

import time
from pathlib import Path
from typing import Any

from vmesh.simulation import Simulation

SIZES = (100, 1_000, 10_000)
SEEDS = 3
JOINING, SETTLING, MEASURED, ROUNDS_AFTER = 10, 10, 10, 40
RELINKED = 0.99  # of the survivors have `LINKS` living neighbours again, and nobody has none
LINKS = 4
PICTURE = Path("results/membership.png")

Row = dict[str, Any]
Series = dict[str, list[float]]


def run(sizes: tuple[int, ...] = SIZES, picture: Path = PICTURE) -> list[Row]:
    """A row per size; the picture is drawn where matplotlib is installed."""
    rows, series = [], {}
    for size in sizes:
        row, series[size] = measure(size)
        rows.append(row)
    least = min(row["B/s per worker"] for row in rows)
    for row in rows:
        row["x least traffic"] = row["B/s per worker"] / least
    draw(rows, series, picture)
    return rows


def measure(size: int, seed: int = 1) -> tuple[Row, Series]:
    """One mesh: it forms, is watched at rest, loses all seeds and half of the others at once, and is watched again."""
    began = time.perf_counter()
    mesh = Simulation(seed=seed)
    mesh.start(size, SEEDS, JOINING)
    mesh.rounds(SETTLING)
    row: Row = {"workers": size, "ring errors": mesh.ring_errors(), **traffic(mesh)}
    mesh.kill([*range(SEEDS), *mesh.random.sample(range(SEEDS, size), size // 2)])
    series = watch(mesh)
    row |= {
        "part in one piece": series["in one piece"][-1],
        "rounds to one piece": first(series["in one piece"], 1.0),
        "rounds to re-linked": first(series["re-linked"], RELINKED),
        "ring errors after": mesh.ring_errors(),
        "seconds": time.perf_counter() - began,
    }
    return row, series


def traffic(mesh: Simulation) -> Row:
    """Messages and bytes that a worker sends in the mesh at rest."""

    def sent() -> tuple[int, int]:
        return sum(worker.messages_sent for worker in mesh.workers), sum(worker.bytes_sent for worker in mesh.workers)

    before, begin = sent(), mesh.now
    mesh.rounds(MEASURED)
    after, worker_seconds = sent(), (mesh.now - begin) * len(mesh.workers)
    return {
        "messages/s per worker": (after[0] - before[0]) / worker_seconds,
        "B/s per worker": (after[1] - before[1]) / worker_seconds,
    }


def watch(mesh: Simulation) -> Series:
    """Round by round after the loss."""
    series: Series = {"in one piece": [], "re-linked": [], "stale": []}
    for _ in range(ROUNDS_AFTER):
        mesh.rounds(1)
        series["in one piece"].append(mesh.largest_part())
        series["re-linked"].append(mesh.linked(LINKS))
        series["stale"].append(mesh.stale())
    return series


def first(values: list[float], least: float) -> int | None:
    """The first round, counted from one, from which on the value is reached."""
    return next((i + 1 for i, value in enumerate(values) if value >= least), None)


def draw(rows: list[Row], series: dict[int, Series], path: Path) -> None:
    """Traffic by size, and the rounds after the loss in the largest mesh."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    path.parent.mkdir(parents=True, exist_ok=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    left.plot([row["workers"] for row in rows], [row["B/s per worker"] for row in rows], "o-")
    left.set(
        xscale="log",
        ylim=(0, None),
        xlabel="workers in the mesh",
        ylabel="bytes sent per worker and second",
        title="Traffic at rest",
    )
    size = max(series)
    for name, style in (("in one piece", "-"), ("re-linked", "--"), ("stale", ":")):
        label = {"re-linked": f"survivors with {LINKS} living neighbours", "stale": "dead ones among those in mind"}.get(name, name)
        right.plot(range(1, ROUNDS_AFTER + 1), series[size][name], style, label=label)
    right.set(xlabel="rounds", ylim=(0, 1.02), title=f"{size:,} workers: all seeds and half of them killed at once")
    right.legend()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
