"""The record of a worker's figures, as it answers the admin command `figures`, and its reading: total, whatever a worker may send.

Counters begin with the process and only grow; gauges are what is now. Times are seconds, sizes bytes, losses those of the engine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from vgp.cli.arguments import printable

STATES = ("running", "paused", "draining")
MOST_TEXT = 2000  # characters of any text
MOST_ROWS = 1024  # of a front, of neighbours, of lines
MOST_BINS = 64
MOST_NAMES = 64  # of a table of counters
LIMIT = 1 << 64  # counts are less


@dataclass(frozen=True, slots=True)
class Histogram:
    """`counts[k]` of the living lie in [edges[k], edges[k + 1]); the last bin is open above."""

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FrontRow:
    """A formula of the front. `mathml` is its typeset form; `chosen`: the one that the worker recommends; `constants`: how many it
    has, for `vgp.choice`."""

    size: int
    loss: float
    r2: float | None
    formula: str
    mathml: str
    chosen: bool
    id: str
    constants: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the worker's log."""

    number: int  # counts from 1 in each life of a worker
    time: float  # seconds since 1970
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How a worker does. Numbers that it does not know yet are NaN, or None where that is a type of its own."""

    name: str = ""
    admin: str = ""
    version: str = ""
    incarnation: int = 0
    state: str = "running"
    written: float = 0.0  # seconds since 1970
    uptime: float = 0.0
    # evolution
    tick: int = 0
    era: int = 0
    evaluations: int = 0  # of all its lives: they survive a restart
    evaluations_before: int = 0  # those of the lives before
    evaluations_per_second: float = math.nan
    living: int = 0
    capacity: int = 0
    loss: str = ""  # its kind
    best_loss: float = math.nan
    best_r2: float = math.nan
    best_size: int = 0
    median_loss: float = math.nan
    mean_size: float = math.nan
    mean_age: float = math.nan  # ticks
    mean_energy: float = math.nan
    diversity: float = math.nan  # 0 all alike, 0.5 unrelated
    # counters of this life
    births: int = 0
    duplicates: int = 0
    stillborn: int = 0
    immigrants: int = 0
    deaths: Mapping[str, int] = field(default_factory=dict)  # by cause: vgp.statistics.DEATHS
    invalid: Mapping[str, int] = field(default_factory=dict)  # newborns by what was wrong with them
    exchange: Mapping[str, int] = field(default_factory=dict)  # vmesh.exchange.counters, plain numbers
    # population
    age: Histogram = Histogram()
    size: Histogram = Histogram()
    energy: Histogram = Histogram()
    # machine
    memory_bytes: int = 0
    sandbox_memory_bytes: int = 0
    memory_limit_bytes: int = 0
    cpu_seconds: float = 0.0  # worker and sandbox
    sandbox_restarts: int = 0
    # network: organisms sent to each neighbour, and received from it, while it was one
    neighbours: tuple[tuple[str, int, int], ...] = ()
    # checkpoints; an age of NaN: none in this life
    checkpoint_age: float = math.nan
    checkpoint_bytes: int = 0
    checkpoint_tick: int = 0
    checkpoint_error: str = ""
    # table
    data_url: str = ""
    data_version: int = 0
    data_rows: int = 0
    target: str = ""
    # only what the asker does not have yet
    front_version: str = ""  # changes with the front
    front: tuple[FrontRow, ...] | None = None  # None: as before
    lines: tuple[Line, ...] = ()
    last_line: int = 0


def read(answer: Any, before: Figures | None = None) -> Figures | None:
    """The record of an answer; None if it is none. What is missing or of a wrong kind takes its default.

    before: the record before it, whose front holds where none was sent."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("name"), str):
        return None
    values: dict[str, Any] = {}
    for name in WHOLE:  # a call for each of them would cost more than all the rest, and there are hundreds of workers
        value: Any = answer.get(name)
        if type(value) is int and 0 <= value < LIMIT:
            values[name] = value
    for name in NUMBERS:
        value = answer.get(name)
        if type(value) in (int, float) and -1e308 < value < 1e308:
            values[name] = float(value)
    for name, reader in OTHERS:
        found = reader(answer[name]) if name in answer else None
        if found is not None:
            values[name] = found
    if before is not None and "front" not in values:
        values["front"] = before.front
    return Figures(**values)


def text(value: Any) -> str | None:
    """Printable, of bounded length."""
    if not isinstance(value, str):
        return None
    short = value[:MOST_TEXT]
    return short if short.isprintable() else printable(short)


def whole(value: Any) -> int | None:
    """A count."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LIMIT else None


def number(value: Any) -> float | None:
    """Any number, not finite ones excepted."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e308 else None


def counts(value: Any) -> dict[str, int] | None:
    """Counters by name."""
    if not isinstance(value, Mapping):
        return None
    listed = list(value.items())[:MOST_NAMES]
    return {str(text(str(name)[:64])): one for name, one in listed if whole(one) is not None}


def histogram(value: Any) -> Histogram | None:
    """Edges and counts of the same length."""
    if not isinstance(value, Mapping):
        return None
    edges, found = value.get("edges"), value.get("counts")
    if not (isinstance(edges, list) and isinstance(found, list) and len(edges) == len(found) <= MOST_BINS):
        return None
    if not (set(map(type, edges)) <= {int, float} and set(map(type, found)) <= {int}):  # at once: most of a record's numbers
        return None
    if found and not (min(found) >= 0 and max(found) < LIMIT and max(map(abs, edges)) < 1e308):
        return None
    return Histogram(tuple(map(float, edges)), tuple(found))


def neighbours(value: Any) -> tuple[tuple[str, int, int], ...]:
    """(name, sent, received)."""
    rows = value[:MOST_ROWS] if isinstance(value, list) else []
    return tuple(
        (str(text(row[0])), row[1], row[2])
        for row in rows
        if isinstance(row, list) and len(row) == 3 and isinstance(row[0], str) and None not in (whole(row[1]), whole(row[2]))
    )


def front(value: Any) -> tuple[FrontRow, ...] | None:
    """Rows that have a loss and a formula."""
    if not isinstance(value, list):
        return None
    found = []
    for row in value[:MOST_ROWS]:
        if not isinstance(row, Mapping):
            continue
        size, loss, formula = whole(row.get("size")), number(row.get("loss")), text(row.get("formula"))
        if size is None or loss is None or formula is None:
            continue
        mathml = row.get("mathml")
        found.append(
            FrontRow(
                size, loss, number(row.get("r2")), formula, mathml if isinstance(mathml, str) else "",
                row.get("chosen") is True, text(row.get("id")) or "", whole(row.get("constants")) or 0,
            )
        )  # fmt: skip
    return tuple(found)


def lines(value: Any) -> tuple[Line, ...]:
    """Those that have all that a line has."""
    found = []
    for row in value[:MOST_ROWS] if isinstance(value, list) else []:
        if isinstance(row, Mapping):
            count, time = whole(row.get("number")), number(row.get("time"))
            level, said = text(row.get("level")), text(row.get("text"))
            if count is not None and time is not None and level is not None and said is not None:
                found.append(Line(count, time, level, said))
    return tuple(found)


READERS: dict[str, Any] = {
    "str": text,
    "Mapping[str, int]": counts,
    "Histogram": histogram,
    "tuple[tuple[str, int, int], ...]": neighbours,
    "tuple[FrontRow, ...] | None": front,
    "tuple[Line, ...]": lines,
}
KINDS = {one.name: str(one.type) for one in fields(Figures)}
WHOLE = tuple(name for name, kind in KINDS.items() if kind == "int")
NUMBERS = tuple(name for name, kind in KINDS.items() if kind == "float")
OTHERS = tuple((name, READERS[kind]) for name, kind in KINDS.items() if kind in READERS)
