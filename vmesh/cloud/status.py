"""How a cluster does, as a person reads it: a table, and what does not fit into one."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from vgp.errors import InputError
from vmesh.admin.printing import Part, Table, clock, count, print_parts, r2, text
from vmesh.cloud.account import signed_in
from vmesh.cloud.aws import Cloud
from vmesh.cloud.cost import prices
from vmesh.cloud.instances import listed
from vmesh.cloud.node_records import NodeRecords
from vmesh.cloud.overview import Line, Overview, Totals, overview

HEADINGS = (
    *("node", "instance", "zone", "state", "workers", "evaluations/s"),
    *("best loss", "R2", "up", "heard", "cost", "formula"),
)
WORDS = frozenset({"node", "instance", "zone", "state", "formula"})
FORMULA = 48  # characters of one
UNKNOWN = "?"
NAMED = 8  # nodes that a line names
LATELY = 24 * 3600.0  # s: who was heard of before is not spoken of any more


def module(parameters: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The Ansible module cluster_status. Raises InputError, StorageError, CloudError."""
    seen = look(Cloud(parameters["region"]), parameters["cluster"], parameters["bucket_prefix"], parameters["prices"])
    lines = [json.dumps(seen.plain(), ensure_ascii=False)] if parameters["json"] else table_lines(seen)
    return {"changed": False, "lines": lines, **seen.plain()}


def look(cloud: Cloud, cluster: str, bucket_prefix: str, price_list: Mapping[str, Any]) -> Overview:
    """The cluster as it is now. Raises InputError, StorageError, CloudError."""
    found = listed(cloud, cluster)
    bucket = signed_in(cloud, cluster, bucket_prefix).buckets["data"]
    try:
        records = NodeRecords(bucket, cluster).read()
    except InputError:
        if found:
            raise
        records = {}  # setup.yml was never run, or terminate.yml has removed the buckets
    return overview(cluster, found, records, prices(cloud, found, price_list))


def table_lines(seen: Overview) -> list[str]:
    """The lines to print."""
    if not (seen.nodes or seen.devservers or seen.gone):
        return [f"there is no cluster {seen.cluster}: no machine runs; ansible-playbook launch.yml -e nodes=2 makes one"]
    page = io.StringIO()
    print_parts(_parts(seen), page)
    return page.getvalue().splitlines()


def _parts(seen: Overview) -> Iterator[Part]:
    listed = (*seen.nodes, *seen.devservers)
    if listed:
        yield Table(HEADINGS, [_row(line) for line in listed], WORDS)
    yield from (f"{line.name} failed: {line.reason}" for line in seen.nodes if line.state == "failed")
    yield from (
        f"{line.name}: AWS takes this instance back at {_moment(line.spot_notice)}" for line in seen.nodes if line.spot_notice
    )
    silent = [line.name for line in seen.nodes if line.state == "silent"]
    if silent:
        others = " and others" if len(silent) > NAMED else ""
        yield f"silent: {', '.join(silent[:NAMED])}{others}; they still start, or something is wrong"
    yield from _gone(seen)
    if not listed:
        yield f"nothing of {seen.cluster} runs; results can still be brought home with ansible-playbook collect.yml"
        return
    yield _sum(seen.totals)
    if seen.totals.formula:
        yield f"best: loss {text(seen.totals.best_loss)}, R2 {r2(seen.totals.r2)} on {seen.totals.best}: {seen.totals.formula}"
    yield _money(seen.totals)


def _gone(seen: Overview) -> Iterator[str]:
    lately = [line for line in seen.gone if line.age is not None and line.age < LATELY]
    for line in lately[:NAMED]:
        why = f" ({line.reason})" if line.reason else ""
        yield f"{line.name} is no more: {line.state}{why}, heard last {clock(line.age)} ago"
    if len(lately) > NAMED:
        yield f"and {len(lately) - NAMED} others are no more"


def _row(line: Line) -> tuple[str, ...]:
    workers = f"{text(line.workers_evolving)}/{text(line.workers)}" if line.workers is not None else text(None)
    return (
        *(line.name, line.instance, line.zone, line.state, workers, count(line.evaluations_per_second)),
        *(text(line.best_loss), r2(line.r2), clock(line.uptime), clock(line.age), dollars(line.cost), shortened(line.formula)),
    )


def _sum(sums: Totals) -> str:
    return (
        f"{sums.evolving} of {sums.nodes} nodes and {sums.workers_evolving} of {sums.workers} workers evolving, "
        f"{count(sums.evaluations_per_second)} evaluations/s, {count(sums.evaluations)} in all"
    )


def _money(sums: Totals) -> str:
    ends = "no end is set (max_hours)" if sums.left is None else f"the first node ends itself in {clock(sums.left)} (max_hours)"
    if not sums.nodes:
        ends = "end it with ansible-playbook terminate.yml"
    return f"cost so far {dollars(sums.cost)}, {dollars(sums.price)} an hour, machines alone; {ends}"


def dollars(value: Any) -> str:
    """$0, $0.0034, $1.23, $456; "?" for what is not known."""
    if value is None:
        return UNKNOWN
    return f"${value:.2f}" if value >= 0.1 else f"${value:.4f}" if value > 0 else "$0"


def shortened(formula: str) -> str:
    """A formula that fits into a column."""
    short = formula if len(formula) <= FORMULA else formula[: FORMULA - 3] + "..."
    return short or text(None)


def _moment(seconds: float | None) -> str:
    return time.strftime("%H:%M:%S UTC", time.gmtime(seconds or 0.0))
