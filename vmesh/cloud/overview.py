"""A cluster at a glance, from what EC2 lists and what nodes say in the data bucket: no node has to be reached for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vmesh.cloud.cost import Prices
from vmesh.cloud.instances import DEVSERVER, NODE, Instance
from vmesh.cloud.node_records import own
from vmesh.cloud.record import GONE, SILENT, Record

HOUR = 3600.0
SAID = ("workers", "workers_evolving", "evaluations", "evaluations_per_second", "best_loss", "r2", "spot_notice")


@dataclass(frozen=True, slots=True)
class Line:
    """One instance. Times in seconds, money in dollars; None: not known."""

    name: str
    index: int | None
    instance: str
    zone: str
    type: str
    lifecycle: str
    state: str  # of the node as it says, "silent" where it says nothing (any more), else of the instance
    public_hostname: str
    workers: int | None
    workers_evolving: int | None
    evaluations: int | None
    evaluations_per_second: float | None
    best_loss: float | None
    r2: float | None
    formula: str
    uptime: float
    age: float | None  # of the record
    price: float | None  # an hour
    cost: float | None  # since it was launched
    spot_notice: float | None
    left: float | None  # until max_hours ends it
    reason: str

    @property
    def counts(self) -> bool:
        """Whether its workers are part of the mesh now, as far as can be known."""
        return self.state == "evolving"


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all nodes that live."""

    nodes: int
    evolving: int
    workers: int
    workers_evolving: int
    evaluations: int
    evaluations_per_second: float
    best: str  # the node that has it; empty: nobody has one
    best_loss: float | None
    r2: float | None
    formula: str
    price: float | None
    cost: float | None
    left: float | None  # the shortest


@dataclass(frozen=True, slots=True)
class Overview:
    """A cluster at `time` (seconds since 1970). `gone`: what nodes said last whose instances are no more."""

    cluster: str
    time: float
    nodes: tuple[Line, ...]
    devservers: tuple[Line, ...]
    gone: tuple[Line, ...]
    totals: Totals

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def overview(
    cluster: str, instances: Sequence[Instance], records: Mapping[int, Record], prices: Prices, now: float | None = None
) -> Overview:
    """Joins instances with the records that they wrote. `now`: seconds since 1970."""
    moment = time.time() if now is None else now
    nodes = [one for one in instances if one.role == NODE]
    lines = tuple(line(one, own(records, one.index, one.instance), prices.hour(one), moment) for one in nodes)
    devservers = tuple(line(one, None, prices.hour(one), moment) for one in instances if one.role == DEVSERVER)
    living = {one.instance for one in nodes}
    gone = tuple(_gone(record, moment) for record in records.values() if record.instance not in living)
    return Overview(cluster, moment, lines, devservers, gone, totals((*lines, *devservers)))


def line(one: Instance, record: Record | None, price: float | None, now: float) -> Line:
    """One instance and what it says of itself."""
    uptime = max(now - one.launched, 0.0) if one.launched else 0.0
    age = max(now - record.updated, 0.0) if record is not None else None
    return Line(
        **{name: getattr(one, name) for name in ("name", "index", "instance", "zone", "type", "lifecycle", "public_hostname")},
        **_said(record),
        state=_state(one, record, age),
        uptime=uptime,
        age=age,
        price=price,
        cost=None if price is None else price * uptime / HOUR,
        left=max(record.until - now, 0.0) if record is not None and record.until else None,
    )


def totals(lines: Sequence[Line]) -> Totals:
    """The sum of nodes and development servers: the latter cost, too. Unknown costs make the sum unknown."""
    nodes = [one for one in lines if one.index is not None]
    counted = [one for one in nodes if one.counts]
    best = min((one for one in nodes if one.best_loss is not None), key=lambda one: one.best_loss or 0.0, default=None)
    left = [one.left for one in nodes if one.left is not None]
    return Totals(
        nodes=len(nodes),
        evolving=sum(one.workers == one.workers_evolving for one in counted),
        workers=sum(one.workers or 0 for one in nodes),
        workers_evolving=sum(one.workers_evolving or 0 for one in counted),
        evaluations=sum(one.evaluations or 0 for one in nodes),
        evaluations_per_second=sum(one.evaluations_per_second or 0.0 for one in counted),
        best=best.name if best else "",
        best_loss=best.best_loss if best else None,
        r2=best.r2 if best else None,
        formula=best.formula if best else "",
        price=_sum([one.price for one in lines]),
        cost=_sum([one.cost for one in lines]),
        left=min(left, default=None),
    )


def _state(one: Instance, record: Record | None, age: float | None) -> str:
    if one.state != "running" or one.role != NODE:
        return one.state
    if record is None or (age is not None and age > SILENT and record.state not in GONE):
        return "silent"
    return record.state


def _said(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {**dict.fromkeys(SAID), "formula": "", "reason": ""}
    return {name: getattr(record, name) for name in (*SAID, "formula", "reason")}


def _gone(record: Record, now: float) -> Line:
    return Line(
        **_said(record),
        name=record.name,
        index=record.index,
        instance=record.instance,
        zone="",
        type="",
        lifecycle="",
        state=record.state if record.state in GONE else "gone",
        public_hostname=record.public,
        uptime=max(record.updated - record.started, 0.0) if record.started else 0.0,
        age=max(now - record.updated, 0.0),
        price=None,
        cost=None,
        left=None,
    )


def _sum(figures: Sequence[float | None]) -> float | None:
    return None if any(figure is None for figure in figures) else float(sum(figure or 0.0 for figure in figures))
