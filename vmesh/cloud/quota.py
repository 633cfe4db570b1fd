"""Whether the account may run so many processors: AWS counts them by families of instance types, spot apart from on-demand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from vgp.errors import InputError
from vmesh.cloud.aws import FORBIDDEN, Cloud, CloudError
from vmesh.cloud.machines import Type

STANDARD = "acdhimrtz"


@dataclass(frozen=True, slots=True)
class Quota:
    """A family as Service Quotas calls it. `families`: the letters that types begin with."""

    title: str
    families: tuple[str, ...]
    on_demand: str  # code
    spot: str


QUOTAS = (
    Quota("Standard", tuple(STANDARD), "L-1216C47A", "L-34B43A08"),
    Quota("F", ("f",), "L-74FC7D96", "L-88CF9481"),
    Quota("G and VT", ("g", "gr", "vt"), "L-DB2E81BA", "L-3819A6DF"),
    Quota("Inf", ("inf",), "L-1945791B", "L-B5D1601B"),
    Quota("P", ("p",), "L-417A185B", "L-7212CCBC"),
    Quota("X", ("x",), "L-7295265B", "L-E3A00192"),
)


def of_type(name: str) -> Quota | None:
    """The quota that a type counts for; None for families of their own."""
    letters = re.match(r"[a-z]+", name)
    return next((quota for quota in QUOTAS if letters and letters[0] in quota.families), None)


def check(cloud: Cloud, kind: Type, more: int, *, spot: bool) -> list[str]:
    """Whether `more` instances fit; returns warnings. Raises InputError if they do not, CloudError."""
    quota = of_type(kind.name)
    if quota is None or more < 1:
        return []
    limit = value(cloud, quota.spot if spot else quota.on_demand)
    if isinstance(limit, str):
        return [limit] if limit else []
    used = used_vcpus(cloud, quota, spot=spot)
    if used + more * kind.vcpus <= limit:
        return []
    fits = max(0, int((limit - used) // kind.vcpus))
    code = quota.spot if spot else quota.on_demand
    title = f"{quota.title} {'spot' if spot else 'on-demand'} instances"
    nodes = "1 node needs" if more == 1 else f"{more} more nodes need"
    raise InputError(
        f"{nodes} {more * kind.vcpus} vCPUs ({kind.name}), and of the account's quota of {limit:g} for {title} in {cloud.region} "
        f"{used} are used; ask for more in AWS's Service Quotas ({code})"
        + (f", or launch at most {fits} more" if fits else ", or end what is running")
    )


def value(cloud: Cloud, code: str) -> float | str:
    """The quota in vCPUs; a warning where it cannot be asked for, empty where there is none."""
    try:
        answer = cloud.call("service-quotas", "get_service_quota", "read the quota", ServiceCode="ec2", QuotaCode=code)
    except CloudError as error:
        if error.code in FORBIDDEN:
            return "the quota of vCPUs was not checked: your credentials do not permit servicequotas:GetServiceQuota"
        if error.code in ("NoSuchResourceException", "404", "Connection", "unknown"):
            return ""
        raise
    return float(answer["Quota"]["Value"])


def used_vcpus(cloud: Cloud, quota: Quota, *, spot: bool) -> int:
    """Of all instances of the account in this region, ours and others."""
    filters = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    total = 0
    for page in cloud.pages("ec2", "describe_instances", "count what runs already", Filters=filters, MaxResults=1000):
        rows = [row for group in page["Reservations"] for row in group["Instances"]]
        total += sum(vcpus(row) for row in rows if of_type(row["InstanceType"]) == quota and spot == is_spot(row))
    return total


def vcpus(row: dict[str, Any]) -> int:
    """Of one instance."""
    options = row.get("CpuOptions") or {}
    return int(options.get("CoreCount", 1)) * int(options.get("ThreadsPerCore", 2))


def is_spot(row: dict[str, Any]) -> bool:
    return bool(row.get("InstanceLifecycle") == "spot")

