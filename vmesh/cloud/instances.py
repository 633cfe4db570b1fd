"""The instances of a cluster, as EC2 lists them: by tags, in pages of a thousand.

    vcloud-cluster=NAME  vcloud-role=node|devserver      on every instance, volume and network interface, from the launch on
    vcloud-indexes=0-3,7                                 on nodes: the list of their call (indexes.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vgp.errors import InputError
from vmesh.cloud import indexes
from vmesh.cloud.aws import Cloud

CLUSTER, ROLE, INDEXES = "vcloud-cluster", "vcloud-role", "vcloud-indexes"
NODE, DEVSERVER = "node", "devserver"
ALIVE = ("pending", "running")
COSTING = (*ALIVE, "stopping", "stopped")  # a stopped one still pays for its disk
ENDED = ("shutting-down", "terminated")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of the cluster. `index`: of a node; None where the tags do not tell. `launched`: seconds since 1970."""

    instance: str  # i-0123456789abcdef0
    role: str
    index: int | None
    name: str  # hostname in the mesh: CLUSTER-INDEX, or CLUSTER-devserver
    state: str  # EC2's word: pending running stopping stopped shutting-down terminated
    public_hostname: str  # the public address where there is no name; empty: none
    private_address: str
    zone: str
    subnet: str
    type: str
    arch: str  # x86_64 or arm64, EC2's words
    image: str
    lifecycle: str  # on-demand or spot
    launched: float
    reason: str = ""  # why it ended

    def as_dict(self) -> dict[str, Any]:
        """For Ansible."""
        return asdict(self)


def listed(cloud: Cloud, cluster: str, role: str | None = None, states: Sequence[str] = COSTING) -> list[Instance]:
    """The cluster's instances in these states, by role and index, ended ones after living ones. Raises CloudError."""
    filters = [{"Name": f"tag:{CLUSTER}", "Values": [cluster]}, {"Name": "instance-state-name", "Values": list(states)}]
    if role is not None:
        filters.append({"Name": f"tag:{ROLE}", "Values": [role]})
    pages = cloud.pages("ec2", "describe_instances", "list the cluster's instances", Filters=filters, MaxResults=PAGE)
    found = [from_answer(row) for page in pages for group in page["Reservations"] for row in group["Instances"]]
    return sorted(found, key=lambda one: (one.role, one.state in ENDED, -1 if one.index is None else one.index, one.instance))


def states(cloud: Cloud, cluster: str) -> dict[str, str]:
    """State of each instance of the cluster by id, ended ones of the last hour too: "terminated: why" where AWS says why."""
    return {
        one.instance: f"{one.state}: {one.reason}" if one.reason else one.state
        for one in listed(cloud, cluster, None, (*COSTING, *ENDED))
    }


def from_answer(row: dict[str, Any]) -> Instance:
    """An instance as DescribeInstances and RunInstances tell of it."""
    tags = {tag["Key"]: tag["Value"] for tag in row.get("Tags", ())}
    role, index = tags.get(ROLE, ""), index_of(tags.get(INDEXES, ""), int(row.get("AmiLaunchIndex", 0)))
    return Instance(
        instance=row["InstanceId"],
        role=role,
        index=index if role == NODE else None,
        name=f"{tags.get(CLUSTER, '')}-{index if role == NODE and index is not None else role}",
        state=row["State"]["Name"],
        public_hostname=row.get("PublicDnsName") or row.get("PublicIpAddress") or "",
        private_address=row.get("PrivateIpAddress", ""),
        zone=row.get("Placement", {}).get("AvailabilityZone", ""),
        subnet=row.get("SubnetId", ""),
        type=row.get("InstanceType", ""),
        arch=row.get("Architecture", ""),
        image=row.get("ImageId", ""),
        lifecycle=row.get("InstanceLifecycle", "on-demand"),
        launched=row["LaunchTime"].timestamp() if "LaunchTime" in row else 0.0,
        reason=ended_because(row),
    )


def index_of(word: str, position: int) -> int | None:
    """The element of the tag's list that is the instance's own; None if the tag was tampered with."""
    try:
        return indexes.read(word)[position]
    except (InputError, IndexError):
        return None


def ended_because(row: dict[str, Any]) -> str:
    """AWS's reason, but for the plainest one."""
    if row["State"]["Name"] not in ENDED:
        return ""
    reason = row.get("StateReason") or {}
    plain = reason.get("Code") in (None, "", "Client.UserInitiatedShutdown")
    return "" if plain else " ".join(str(reason.get("Message", "")).split()).rstrip(".")
