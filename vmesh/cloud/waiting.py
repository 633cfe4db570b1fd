"""Waits until every worker of every node evolves. `Watch` judges what is known and holds no clock; `wait` asks for it.

A node is well once its record says that all its workers evolve, the record was written by the instance that is there now, and it is
fresh: written lately, or changed since the waiting began (so that an admin machine whose clock is wrong only waits longer).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from vgp.errors import InputError, VgpError
from vmesh.cloud import instances
from vmesh.cloud.aws import Cloud
from vmesh.cloud.node_records import NodeRecords, evolves, own
from vmesh.cloud.record import SILENT, Record

INTERVAL = 1.0  # s between two looks: one list of the bucket each
RECORDS_A_LOOK = 100  # fetched at most in one
STATES_EVERY = 10.0  # s between two questions to EC2
TOLD_EVERY = 15.0  # s: a line is printed at least that often
RECHECK_EVERY = 15.0  # s after which a node that was well is looked at again
LAST_CHANCE = 30.0  # s that the others have once one has failed
NAMED = 4  # nodes that a line names one by one
GONE = ("shutting-down", "terminated", "stopping", "stopped")


@dataclass(frozen=True, slots=True)
class Awaited:
    """A node that is waited for."""

    index: int
    instance: str
    name: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Commands that the user can type, for a node that is not well."""

    ssh: str = "ssh {name}"
    console: str = ""  # what shows the console of {instance}
    end: str = "ansible-playbook terminate.yml"

    def of(self, node: Awaited) -> str:
        look = self.ssh.format(name=node.name, instance=node.instance)
        console = self.console.format(name=node.name, instance=node.instance)
        return f"look at it: {look}" + (f" or {console}" if console else "") + f"; end everything: {self.end}"


@dataclass
class Watch:
    """Judges each node. `timeout`: seconds that a node has."""

    nodes: Sequence[Awaited]
    timeout: float
    advice: Advice = field(default_factory=Advice)
    records: Mapping[int, Record] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)  # of instances by id; "terminated: why" where a reason is known
    _first: dict[int, Record] = field(default_factory=dict)

    def hear(self, records: Mapping[int, Record], states: Mapping[str, str] | None = None) -> None:
        """What is known now."""
        self.records = dict(records)
        self.states = states if states is not None else self.states
        for index, record in records.items():
            if index not in self._first or self._first[index].instance != record.instance:
                self._first[index] = record

    def record(self, node: Awaited) -> Record | None:
        """The node's record; none if it is that of a predecessor."""
        return own(self.records, node.index, node.instance)

    def well(self, node: Awaited, now: float) -> bool:
        """Whether all its workers evolve. `now`: seconds since the epoch."""
        record = self.record(node)
        if record is None or not evolves(record) or self.gone(node):
            return False
        fresh = now - record.updated < SILENT
        return fresh or record.updated != self._first[node.index].updated

    def gone(self, node: Awaited) -> bool:
        """Whether its instance is no more, as far as EC2 was asked."""
        return self.states.get(node.instance, "").startswith(GONE)

    def failure(self, node: Awaited) -> str:
        """Why waiting for this node is of no use; empty if it is."""
        record, state = self.record(node), self.states.get(node.instance, "")
        who = f"{node.name} ({node.instance})"
        if record is not None and record.state == "failed":
            return f"{who} failed: {record.reason.rstrip('.') or 'it did not say why'}; {self.advice.of(node)}"
        if self.gone(node):
            return f"{who} is {state}: it ended while the cluster was launched; run the same command again to replace it"
        if record is not None and record.state in ("leaving", "left"):
            why = f" ({record.reason})" if record.reason else ""
            return f"{who} has left the mesh{why}; run the same command again once its instance has ended"
        return ""

    def overdue(self, node: Awaited, seconds: float) -> str:
        """Why a node that is not well after so many seconds is given up."""
        record, state = self.record(node), self.states.get(node.instance, "unknown")
        who = f"{node.name} ({node.instance})"
        if record is None:
            says = f"{who} has said nothing for {seconds:.0f} s; its instance is {state}"
        elif record.state == "evolving":
            says = f"{who}: {_workers(record)} after {seconds:.0f} s; its instance is {state}"
        else:
            says = f"{who} is still {record.state} after {seconds:.0f} s; its instance is {state}"
        return f"{says}; {self.advice.of(node)}"

    def progress(self, now: float) -> str:
        """How far all of them are, in one line without the time."""
        pending = [node for node in self.nodes if not self.well(node, now)]
        line = f"{len(self.nodes) - len(pending)} of {_nodes(len(self.nodes))} evolving"
        if len(pending) > NAMED:
            counts = Counter(self.stage(node, now).partition(",")[0] for node in pending)
            return f"{line}; " + ", ".join(f"{count} {stage}" for stage, count in counts.most_common())
        return "; ".join([line, *(f"{node.name}: {self.stage(node, now)}" for node in pending)])

    def stage(self, node: Awaited, now: float) -> str:
        """What a node does that is not well yet."""
        record = self.record(node)
        if self.gone(node):
            return self.states[node.instance]
        if record is None:
            return "silent"
        if record.state == "evolving":
            return "evolving as it last said, long ago" if evolves(record) else f"starting, {_workers(record)}"
        return f"{record.state}, {_workers(record)}" if record.workers_evolving else record.state


def wait_for(parameters: Mapping[str, Any], tell: Callable[[str], None]) -> tuple[list[str], list[dict[str, Any]]]:
    """The Ansible action cluster_wait: sentences about nodes that are not well, and all nodes with their records.

    Raises InputError where the bucket cannot be read at all.
    """
    told = parameters
    nodes = [Awaited(int(node["index"]), str(node["instance"]), str(node["name"])) for node in told["nodes"]]
    watch = Watch(nodes, told["timeout"], Advice(**told["advice"]))
    cloud = Cloud(told["region"])
    records = NodeRecords(told["bucket"], told["cluster"])
    problems = wait(watch, records, lambda: instances.states(cloud, told["cluster"]), tell)
    found = [watch.record(node) for node in nodes]
    with_records = [
        {**given, "record": asdict(record) if record is not None else None}
        for given, record in zip(told["nodes"], found, strict=True)
    ]
    return problems, with_records


def wait(
    watch: Watch,
    records: NodeRecords,
    states: Callable[[], Mapping[str, str]],
    tell: Callable[[str], None],
    *,
    interval: float = INTERVAL,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Looks again and again until all nodes are well; returns a sentence for each that is not, when that is certain.

    `states` asks EC2 for the states of the cluster's instances; `tell` prints a line. A bucket or an EC2 that does not answer for a
    while is told about and asked again. Raises InputError where asking again is of no use: no permission, no such bucket.
    """
    began = clock()
    asked = checked = told = -1e9
    last = ""
    well: set[int] = set()
    failed_at: float | None = None
    while True:
        now, trouble = clock(), ""
        if now - checked >= RECHECK_EVERY:
            well, checked = set(), now
        try:
            fresh = states() if now - asked >= STATES_EVERY else None
            asked = now if fresh is not None else asked
            watch.hear(records.read(settled=well, most=RECORDS_A_LOOK), fresh)
        except InputError:
            raise
        except VgpError as error:
            trouble = str(error)
        epoch, seconds = time.time(), clock() - began
        well = {node.index for node in watch.nodes if watch.well(node, epoch)}
        failures = [failure for node in watch.nodes if (failure := watch.failure(node))]
        line = trouble or watch.progress(epoch)
        if line != last or now - told >= TOLD_EVERY:
            tell(f"{seconds:.0f} s: {line}")
            last, told = line, now
        if len(well) == len(watch.nodes) and not trouble:
            return []
        failed_at = (failed_at if failed_at is not None else now) if failures else None
        decided = len(well) + len(failures) == len(watch.nodes) or (failed_at is not None and now - failed_at > LAST_CHANCE)
        if seconds >= watch.timeout or (failures and decided):
            return [_verdict(watch, node, seconds) for node in watch.nodes if node.index not in well] or [trouble]
        sleep(max(0.0, now + interval - clock()))


def _verdict(watch: Watch, node: Awaited, seconds: float) -> str:
    return watch.failure(node) or watch.overdue(node, seconds)


def _workers(record: Record) -> str:
    return f"{record.workers_evolving or 0} of {record.workers or '?'} workers evolving"


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"
