"""What a made-up run finds: the laws of a damped pendulum, better and better, and how its population looks meanwhile."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from vgp.export.mathml import to_mathml
from vgp.formula import parse
from vmesh.figures.record import FrontRow, Histogram

COLUMNS = ("time", "length", "mass", "start", "damping", "gravity")
TARGET = "angle"

_SWING = "start * exp(-0.5 * damping * time / mass) * cos(time * sqrt(gravity / length{}))"
_SQUARE = " - square(damping / (2 * mass))"
_SLOWER = _SWING.format(_SQUARE).replace("time * sqrt", "time * (1 - {}) * sqrt")
#: Formulas by size with the loss that each would have: what a run finds one after the other.
LADDER: tuple[tuple[str, float], ...] = (
    ("start", 0.871),
    ("cos(time)", 0.640),
    ("start * cos(time)", 0.383),
    ("start * cos(3.07 * time)", 0.176),
    ("start * cos(3.07 * time) / (time + 1.2)", 0.0841),
    ("start * exp(-0.118 * time) * cos(3.07 * time)", 0.0312),
    ("start * exp(-damping * time) * cos(3.132 * time)", 0.0127),
    ("start * exp(-damping * time) * cos(time * sqrt(gravity / length))", 3.96e-3),
    ("start * exp(-0.5 * damping * time / mass) * cos(time * sqrt(9.81 / length))", 9.7e-4),
    (_SWING.format(""), 1.84e-4),
    (f"1.0007 * {_SWING.format('')}", 1.79e-4),
    (_SWING.format(_SQUARE), 4.1e-6),
    (f"(1 + 0.0003 * square(start)) * {_SWING.format(_SQUARE)}", 2.7e-6),
    (_SLOWER.format("square(start) / 16"), 6.2e-9),
    (_SLOWER.format("square(start) / 16 + 0.003 * square(square(start))"), 4.4e-11),
)
LOSSES = np.array([loss for _, loss in LADDER])

VARIANTS = 24
AGES = (0.0, *(float(1 << k) for k in range(13)))
SIZES = tuple(float(edge) for edge in range(0, 64, 4))
ENERGIES = tuple(round(edge * 0.25, 2) for edge in range(17))


@cache
def row(level: int) -> FrontRow:
    """The formula of a level, as a worker tells of it; not recommended."""
    formula, loss = LADDER[level]
    return typeset(formula, loss)


def typeset(formula: str, loss: float) -> FrontRow:
    """A formula over COLUMNS. Raises FormulaError."""
    nodes = parse(formula, COLUMNS)
    return FrontRow(
        size=len(nodes), loss=loss, r2=1.0 - loss, formula=formula, mathml=to_mathml(nodes, COLUMNS, digits=5, target=TARGET),
        chosen=False, id=f"{hash_of(formula):016x}",
    )  # fmt: skip


def hash_of(text: str) -> int:
    """FNV-1a: the same in every process."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def histograms(random: np.random.Generator, living: int) -> dict[str, list[list[Histogram]]]:
    """By name, by how far a run has got (a third of LADDER each), VARIANTS that differ by chance."""
    ages = np.array([math.exp(-(((k - 4.2) / 3.1) ** 2)) for k in range(len(AGES))])
    found: dict[str, list[list[Histogram]]] = {"age": [], "size": [], "energy": []}
    for stage in range(3):
        sizes = np.array([math.exp(-(((edge - 8 - 11 * stage) / (6 + 5 * stage)) ** 2)) + 0.03 for edge in SIZES])
        energies = np.array([edge**1.6 * math.exp(-1.9 * edge) + 0.02 for edge in ENERGIES])
        found["age"].append(_some(random, AGES, ages, living))
        found["size"].append(_some(random, SIZES, sizes, living))
        found["energy"].append(_some(random, ENERGIES, energies, living))
    return found


def _some(random: np.random.Generator, edges: tuple[float, ...], shape: np.ndarray, living: int) -> list[Histogram]:
    counts = random.multinomial(living, shape / shape.sum(), size=VARIANTS)
    return [Histogram(edges, tuple(one)) for one in counts.tolist()]


def neighbours(random: np.random.Generator, workers: int, degree: int = 5) -> list[list[int]]:
    """A connected graph where everybody has `degree` neighbours, or nearly: cycles through all in random order, and a matching."""
    found: list[set[int]] = [set() for _ in range(workers)]
    for _ in range(degree // 2):
        order = random.permutation(workers).tolist()
        _join(found, zip(order, order[1:] + order[:1], strict=True))
    if degree % 2:
        order = random.permutation(workers).tolist()
        _join(found, zip(order[::2], order[1::2], strict=False))
    return [sorted(one) for one in found]


def _join(found: list[set[int]], pairs: zip[tuple[int, int]]) -> None:
    for one, other in pairs:
        if one != other:
            found[one].add(other)
            found[other].add(one)
