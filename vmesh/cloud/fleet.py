"""As many instances of a cluster as asked for, or none: list, plan, end, launch, wait. Behind the module cluster_nodes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from vmesh.cloud import indexes, order, plan, terminate
from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.instances import ALIVE, COSTING, ENDED, NODE, Instance, listed
from vmesh.cloud.launch import QUOTA, Launched, launch
from vmesh.cloud.numbers import whole

PAUSES = (0.2, 0.5, 1.0, 2.0, 3.0)  # s between two looks at instances that start; the last one again and again


class Fewer(CloudError):
    """There are fewer instances than asked for; `facts` tells which there are."""

    def __init__(self, message: str, nodes: list[Instance], code: str) -> None:
        super().__init__(message, code)
        self.facts = {"nodes": [one.as_dict() for one in nodes]}


def module(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """What the module cluster_nodes returns for its parameters. Raises CloudError, InputError."""
    cloud = Cloud(params["region"])
    facts = absent(cloud, params, check) if params["state"] == "absent" else present(cloud, params, check)
    return {**facts, "calls": dict(cloud.calls)}


def absent(cloud: Cloud, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Ends the instances of one role or of all."""
    cluster, role = params["cluster"], params["role"]
    removed = listed(cloud, cluster, role) if check else terminate.end_all(cloud, cluster, role, timeout=params["timeout"])
    return {"changed": bool(removed), "nodes": [], "added": [], "removed": [one.as_dict() for one in removed]}


def present(cloud: Cloud, params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Grows or shrinks to as many as asked for."""
    cluster, role = params["cluster"], params["role"] or NODE
    count = whole("count", params["count"])
    ordered = order.from_parameters(params, role)
    todo = plan.for_role(role, listed(cloud, cluster, role, (*COSTING, *ENDED)), count)
    nodes = list(todo.kept)
    if not check:
        terminate.end(cloud, todo.ending)
        launched = launch(cloud, ordered, todo.missing, todo.kept, todo.ended)
        nodes = running(cloud, cluster, role, [*todo.kept, *launched.instances], params["timeout"])
        if launched.left:
            raise fewer(ordered, nodes, count, launched)
    return {
        "changed": todo.changes,
        "nodes": [one.as_dict() for one in nodes],
        "added": list(todo.missing),
        "removed": [one.as_dict() for one in todo.ending],
    }


def running(
    cloud: Cloud,
    cluster: str,
    role: str,
    expected: list[Instance],
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Instance]:
    """The expected instances once none of them is pending any more. Raises CloudError if one ended or takes too long."""
    deadline, pauses = clock() + timeout, list(PAUSES)
    known = {one.instance: one for one in expected}
    while any(one.state == "pending" or not one.public_hostname for one in known.values()):
        known |= {one.instance: one for one in listed(cloud, cluster, role, (*COSTING, *ENDED)) if one.instance in known}
        refuse_ended(list(known.values()))
        waiting = [one for one in known.values() if one.state == "pending"]
        if not waiting:
            break
        if clock() >= deadline:
            names = ", ".join(f"{one.name} ({one.instance})" for one in waiting[:5])
            raise CloudError(f"{len(waiting)} instances are pending after {timeout:.0f} s: {names}; run the same command again")
        sleep(pauses.pop(0) if len(pauses) > 1 else pauses[0])
    return sorted(known.values(), key=lambda one: -1 if one.index is None else one.index)


def refuse_ended(instances: list[Instance]) -> None:
    """Raises CloudError if one of them ended while it was waited for."""
    ended = [one for one in instances if one.state not in ALIVE]
    if ended:
        one = ended[0]
        why = f" ({one.reason})" if one.reason else ""
        others = f" and {len(ended) - 1} more" if len(ended) > 1 else ""
        raise CloudError(f"{one.name} ({one.instance}){others} ended at the start{why}; run the same command again to replace it")


def fewer(ordered: order.Order, nodes: list[Instance], count: int, launched: Launched) -> Fewer:
    """The sentence for a launch that got less than asked for."""
    refusal = launched.refusals[-1] if launched.refusals else CloudError("no zone offers the instance types", "Unsupported")
    things = "nodes" if ordered.role == NODE else "development server"
    got = f"{len(nodes)} of {count} {things} are there" if nodes else f"none of {count} {things} is there"
    lacking = f" (missing: {indexes.written(launched.left)})" if ordered.role == NODE else ""
    return Fewer(f"{got}{lacking}: {why(ordered, launched, refusal)}; {advice(ordered, nodes, refusal)}", nodes, refusal.code)


def why(ordered: order.Order, launched: Launched, refusal: CloudError) -> str:
    """What AWS said, in words."""
    if refusal.code in QUOTA:
        return f"{QUOTA[refusal.code]} ({refusal.code})"
    if launched.full:
        tried = "; ".join(f"{type_} in {', '.join(dict.fromkeys(zones))}" for type_, zones in launched.full.items())
        return f"AWS has no {'spot ' if ordered.spot else ''}capacity for {tried} ({refusal.code})"
    return str(refusal)


def advice(ordered: order.Order, nodes: list[Instance], refusal: CloudError) -> str:
    """What the user can do now."""
    if refusal.code in QUOTA:
        todo = "ask for more in AWS's Service Quotas"
    elif refusal.code:
        todo = "name other cluster_instance_types or another region"
    else:
        todo = "mend that and run the same command again"
    if ordered.role == NODE and nodes:
        todo += f", or go on with fewer (launch.yml -e nodes={len(nodes)})"
    return f"{todo}, or end what runs: ansible-playbook terminate.yml" if nodes else todo
