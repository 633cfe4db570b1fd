"""Every metric of a worker: its name, what it means, and where its number comes from.

Names and units follow https://prometheus.io/docs/practices/naming: what only grows is a counter and ends in _total; units are
seconds and bytes; what has a unit of its own names it. Counters begin at 0 with every life of a worker, as Prometheus expects of
a process that was started again: `rate`, `increase` bear that. So ticks are a gauge: a restart takes them back to the checkpoint,
and a counter that falls a little is taken for one that began anew, the whole of it counted twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vgp.statistics import DEATHS, STATUS_NAMES
from vmesh.figures.record import STATES, Figures

OTHER = "other"  # a cause or a reason that this version does not know: the values of a label are bounded


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of each worker. NaN: it is not known, and left out."""

    name: str  # a counter's without its _total
    meaning: str
    read: Callable[[Figures], float]


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers of each worker by one more label. Names that are not among `known` count as OTHER."""

    name: str
    meaning: str
    label: str
    known: tuple[str, ...]
    read: Callable[[Figures], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many of a machine's living organisms have at most so much of something. `read`: the histogram's name in Figures."""

    name: str
    meaning: str
    read: str
    mean: str  # the figure that times the living gives the sum


def known(value: float) -> float:
    """A number of which 0 says that it is not known."""
    return value or math.nan


def exchanged(name: str) -> Callable[[Figures], float]:
    """One of the counters of the exchange (vmesh/exchange/counters.py)."""
    return lambda figures: figures.exchange.get(name, 0)


def refused(figures: Figures) -> Mapping[str, int]:
    """Organisms that came and did not join, by why."""
    return {name: figures.exchange.get(name, 0) for name in ("duplicate", "no_room", "rejected")}


def of_this_life(figures: Figures) -> float:
    """Evaluations."""
    return max(figures.evaluations - figures.evaluations_before, 0)


def checkpointed(figures: Figures) -> float:
    """When, in seconds since 1970."""
    return moment(figures, figures.checkpoint_age)


COUNTERS = (
    Measure("vmesh_evaluations", "Programs evaluated by this life of the worker.", of_this_life),
    Measure("vmesh_births", "Organisms born.", lambda one: one.births),
    Measure("vmesh_duplicates", "Newborns that were dropped because their program was known.", lambda one: one.duplicates),
    Measure("vmesh_stillborn", "Newborns without a usable result.", lambda one: one.stillborn),
    Measure("vmesh_immigrants", "Organisms of other workers that joined the living.", lambda one: one.immigrants),
    Measure("vmesh_exchange_emigrations", "Messages with organisms sent to other workers.", exchanged("sent")),
    Measure("vmesh_exchange_organisms_sent", "Organisms sent to other workers.", exchanged("sent_organisms")),
    Measure("vmesh_exchange_immigrations", "Messages with organisms received from other workers.", exchanged("received")),
    Measure("vmesh_exchange_organisms_accepted", "Organisms received that joined the living.", exchanged("accepted")),
    Measure("vmesh_exchange_emigrations_withheld", "Emigrations not sent: the peer was busy with others.", exchanged("no_credit")),
    Measure("vmesh_exchange_immigrations_dropped", "Immigrations that were let in and not used.", exchanged("dropped")),
    Measure("vmesh_exchange_requests", "Requests for organisms that immigrants refer to.", exchanged("wants")),
    Measure("vmesh_exchange_supplies", "Answers to such requests.", exchanged("supplies")),
    Measure("vmesh_cpu_seconds", "Processor time of the worker and its sandbox.", lambda one: max(one.cpu_seconds, 0.0)),
    Measure("vmesh_sandbox_restarts", "Sandboxes that were started again.", lambda one: one.sandbox_restarts),
)
GAUGES = (
    Measure("vmesh_evaluations_before", "Programs evaluated by earlier lives of the worker.", lambda one: one.evaluations_before),
    Measure("vmesh_worker_start_timestamp_seconds", "When this life of the worker began.", lambda one: moment(one, one.uptime)),
    Measure("vmesh_tick", "Ticks of the population; a restart takes them back to the checkpoint.", lambda one: one.tick),
    Measure("vmesh_era", "Fresh starts of the population, the first included.", lambda one: one.era),
    Measure("vmesh_living_organisms", "Organisms alive.", lambda one: one.living),
    Measure("vmesh_capacity_organisms", "Organisms that have room.", lambda one: known(one.capacity)),
    Measure("vmesh_best_loss", "Loss of the best organism.", lambda one: one.best_loss),
    Measure("vmesh_best_r2", "Explained share of the variance (R squared) of the best organism.", lambda one: one.best_r2),
    Measure("vmesh_best_size_nodes", "Size of the best organism.", lambda one: known(one.best_size)),
    Measure("vmesh_median_loss", "Median loss of the living.", lambda one: one.median_loss),
    Measure("vmesh_mean_size_nodes", "Mean size of the living.", lambda one: one.mean_size),
    Measure("vmesh_mean_age_ticks", "Mean age of the living.", lambda one: one.mean_age),
    Measure("vmesh_mean_energy", "Mean energy of the living.", lambda one: one.mean_energy),
    Measure("vmesh_diversity_ratio", "How different the living behave: 0 all alike, 0.5 unrelated.", lambda one: one.diversity),
    Measure("vmesh_neighbours", "Workers that this one is linked with.", lambda one: len(one.neighbours)),
    Measure("vmesh_memory_bytes", "Memory of the worker, without its sandbox.", lambda one: known(one.memory_bytes)),
    Measure("vmesh_sandbox_memory_bytes", "Memory of the sandbox.", lambda one: one.sandbox_memory_bytes),
    Measure("vmesh_memory_limit_bytes", "Limit on worker and sandbox together.", lambda one: known(one.memory_limit_bytes)),
    Measure("vmesh_checkpoint_timestamp_seconds", "When the newest checkpoint was written.", checkpointed),
    Measure("vmesh_checkpoint_size_bytes", "Size of the newest checkpoint.", lambda one: known(one.checkpoint_bytes)),
    Measure("vmesh_checkpoint_tick", "Tick of the newest checkpoint.", lambda one: known(one.checkpoint_tick)),
    Measure("vmesh_checkpoint_failed", "1 if the newest checkpoint could not be written.", lambda one: bool(one.checkpoint_error)),
    Measure("vmesh_table_version", "Version of the table that the worker evolves on.", lambda one: known(one.data_version)),
    Measure("vmesh_table_rows", "Rows of the table that the worker evolves on.", lambda one: known(one.data_rows)),
)
COUNTED_BY = (
    Table("vmesh_deaths", "Deaths by cause.", "cause", DEATHS, lambda one: one.deaths),
    Table("vmesh_invalid", "Newborns that were not valid, by reason.", "reason", STATUS_NAMES[2:], lambda one: one.invalid),
    Table(
        "vmesh_exchange_organisms_refused",
        "Organisms or immigrations received that did not join the living, by reason.",
        "reason",
        ("duplicate", "no_room", "rejected"),
        refused,
    ),
)
STATE = Table("vmesh_worker_state", "1 for what the worker does now.", "state", STATES, lambda one: {one.state: 1})
DISTRIBUTIONS = (
    Distribution("vmesh_organism_age_ticks", "Living organisms by age.", "age", "mean_age"),
    Distribution("vmesh_organism_size_nodes", "Living organisms by size.", "size", "mean_size"),
    Distribution("vmesh_organism_energy", "Living organisms by energy.", "energy", "mean_energy"),
)


def moment(figures: Figures, age: float) -> float:
    """Seconds since 1970 of what was so long ago when the worker answered, in milliseconds: it is the same in every answer."""
    return round(figures.written - age, 3) if math.isfinite(figures.written - age) else math.nan


def bounded(table: Table, figures: Figures) -> dict[str, int]:
    """The numbers of all known names, 0 where the worker tells none, and of others together if there are any."""
    told = table.read(figures)
    numbers = {name: told.get(name, 0) for name in table.known}
    others = sum(number for name, number in told.items() if name not in numbers)
    return numbers | {OTHER: others} if others else numbers
