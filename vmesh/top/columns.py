"""What each column of the workers' table shows, how it sorts, and how much it matters where there is little room."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from vmesh.admin.crawl import place
from vmesh.drawing.sparklines import sparkline
from vmesh.figures.record import Figures
from vmesh.top import figures
from vmesh.top.trends import Trends
from vmesh.watch.view import Seen

SILENT = "silent"
STATE_STYLES = {"running": "good", "paused": "warn", "draining": "warn", SILENT: "bad"}
TREND_WIDTH = 12
NEARLY = 0.9  # of its memory: soon the worker is at its limit

Shown = Callable[[float], str]
Sortable = float | str | tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that is known: `seen` unless it never answered, `why` it is silent if it is."""

    name: str
    seen: Seen | None
    why: str = ""

    @property
    def state(self) -> str:
        """running, paused, draining, silent"""
        return SILENT if self.seen is None or self.seen.silent else self.seen.figures.state

    @property
    def memory(self) -> int:
        """Bytes, with its sandbox."""
        return self.seen.figures.memory_bytes + self.seen.figures.sandbox_memory_bytes if self.seen else 0


@dataclass(frozen=True, slots=True)
class Column:
    """`text` and `key` of a member; a key of NaN stands last. `rank`: the lowest stay longest in a narrow terminal."""

    name: str
    heading: str
    width: int
    rank: int
    text: Callable[[Member, Trends], str]
    key: Callable[[Member], Sortable]
    falling: bool = True  # the largest first, unless the user turns it round
    words: bool = False  # stands at the left
    style: Callable[[Member], str] = lambda member: ""


def figure(
    name: str, heading: str, width: int, rank: int, shown: Shown, value: Callable[[Figures], float], falling: bool = True
) -> Column:
    """A number of a worker's figures."""
    return number(name, heading, width, rank, shown, lambda seen: value(seen.figures), falling)


def number(
    name: str, heading: str, width: int, rank: int, shown: Shown, value: Callable[[Seen], float], falling: bool = True
) -> Column:
    """A number of what was seen of a worker."""

    def key(member: Member) -> float:
        return float(value(member.seen)) if member.seen else math.nan

    return Column(name, heading, width, rank, lambda member, _: shown(key(member)), key, falling)


def _trend(member: Member, trends: Trends) -> str:
    curves = trends.workers.get(member.name)
    return sparkline(list(curves.pace), TREND_WIDTH, low=0.0) if curves else ""


def _memory(member: Member, trends: Trends) -> str:
    if member.seen is None:
        return figures.UNKNOWN
    limit = member.seen.figures.memory_limit_bytes
    return figures.size(member.memory) + (f"/{figures.size(limit)}" if limit else "")


def _memory_style(member: Member) -> str:
    limit = member.seen.figures.memory_limit_bytes if member.seen else 0
    return "warn" if limit and member.memory > NEARLY * limit else ""


def _saved_style(member: Member) -> str:
    return "bad" if member.seen and member.seen.figures.checkpoint_error else ""


COLUMNS = (
    Column("worker", "worker", 8, 0, lambda m, _: m.name, lambda m: place(m.name), falling=False, words=True),
    Column("state", "state", 8, 1, lambda m, _: m.state, lambda m: m.state, falling=False, words=True,
           style=lambda m: STATE_STYLES.get(m.state, "")),
    figure("up", "up", 7, 14, figures.time, lambda f: f.uptime),
    figure("tick", "tick", 6, 7, figures.amount, lambda f: f.tick),
    figure("era", "era", 4, 19, figures.amount, lambda f: f.era),
    figure("evaluations", "evals", 5, 13, figures.amount, lambda f: f.evaluations),
    figure("pace", "evals/s", 7, 2, figures.amount, lambda f: f.evaluations_per_second),
    Column("trend", "pace", TREND_WIDTH, 6, _trend, lambda m: m.seen.figures.evaluations_per_second if m.seen else math.nan,
           words=True, style=lambda m: "accent"),
    figure("best", "best loss", 10, 3, figures.loss, lambda f: f.best_loss, falling=False),
    figure("r2", "R2", 8, 12, figures.r2, lambda f: f.best_r2),
    figure("median", "median", 10, 17, figures.loss, lambda f: f.median_loss, falling=False),
    figure("living", "living", 6, 8, figures.amount, lambda f: f.living),
    figure("size", "size", 5, 16, figures.rate, lambda f: f.mean_size),
    figure("age", "age", 5, 18, figures.rate, lambda f: f.mean_age),
    figure("diversity", "divers", 6, 15, figures.fraction, lambda f: f.diversity),
    Column("memory", "memory", 11, 4, _memory, lambda m: float(m.memory) if m.seen else math.nan, style=_memory_style),
    number("cpu", "cpu", 5, 5, figures.cores, lambda seen: seen.cpu),
    Column("saved", "saved", 7, 9, lambda m, _: "FAILED" if _saved_style(m) else figures.time(m.seen.figures.checkpoint_age)
           if m.seen else figures.UNKNOWN, lambda m: m.seen.figures.checkpoint_age if m.seen else math.nan, style=_saved_style),
    figure("sent", "sent", 6, 10, figures.amount, lambda f: f.exchange.get("sent_organisms", 0)),
    figure("accepted", "accept", 6, 11, figures.amount, lambda f: f.exchange.get("accepted", 0)),
)  # fmt: skip

ORDERS = tuple(column.name for column in COLUMNS)
FALLING = {column.name: column.falling for column in COLUMNS}  # how each sorts at first
