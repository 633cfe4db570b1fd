"""Instance types and where they can be had: architecture, processors, the zones and subnets that offer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vgp.errors import InputError
from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.images import listed
from vmesh.cloud.order import Site

UNAME = {"x86_64": "x86_64", "arm64": "aarch64"}  # EC2's word, the machine's own
TYPES = "cluster_instance_types"


@dataclass(frozen=True, slots=True)
class Type:
    """An instance type; `arch` is EC2's word."""

    name: str
    arch: str
    vcpus: int


def types(cloud: Cloud, names: Sequence[str]) -> list[Type]:
    """What EC2 knows of these types, in their order; all of one architecture. Raises InputError, CloudError."""
    if not names:
        raise InputError(f"no instance type is given; set {TYPES}, for example [c7i.large]")
    found = {row["InstanceType"]: row for row in described(cloud, list(dict.fromkeys(names)))}
    kinds = [Type(name, arch(found[name]), int(found[name]["VCpuInfo"]["DefaultVCpus"])) for name in dict.fromkeys(names)]
    other = next((one for one in kinds if one.arch != kinds[0].arch), None)
    if other:
        raise InputError(
            f"{kinds[0].name} is for {kinds[0].arch} and {other.name} for {other.arch}; "
            f"{TYPES} must be of one architecture, because one bundle serves all nodes"
        )
    return kinds


def described(cloud: Cloud, names: list[str]) -> list[Any]:
    """DescribeInstanceTypes. Raises InputError that names the type that there is not."""
    try:
        rows = cloud.call("ec2", "describe_instance_types", "look up the instance types", InstanceTypes=names)["InstanceTypes"]
    except CloudError as error:
        if error.code not in ("InvalidInstanceType", "InvalidParameterValue"):
            raise
        rows = []
    unknown = [name for name in names if name not in {row["InstanceType"] for row in rows}]
    if unknown and len(names) > 1 and not rows:  # EC2 refuses all because of one
        rows = [row for name in names for row in described(cloud, [name])]
    elif unknown:
        raise InputError(f"there is no instance type {unknown[0]} in {cloud.region}; change {TYPES}")
    return list(rows)


def arch(row: Mapping[str, Any]) -> str:
    """The one architecture of ours that a type has. Raises InputError."""
    known = [word for word in row["ProcessorInfo"]["SupportedArchitectures"] if word in UNAME]
    if not known:
        raise InputError(f"{row['InstanceType']} has no processor of x86-64 or arm64; change {TYPES}")
    return str(known[0])


def network(cloud: Cloud, vpc: str) -> str:
    """The id of the network: the given one, or the default one of the region. Raises InputError, CloudError."""
    if vpc:
        return vpc
    filters = listed({"is-default": "true"})
    rows = cloud.call("ec2", "describe_vpcs", "find the default network", Filters=filters)["Vpcs"]
    if not rows:
        raise InputError(f"{cloud.region} has no default network; make one in AWS's console, or set cluster_vpc")
    return str(rows[0]["VpcId"])


def sites(cloud: Cloud, kinds: Sequence[Type], vpc: str, subnets: Sequence[str]) -> list[Site]:
    """The subnets, one a zone, with the types that their zones offer. Raises InputError, CloudError."""
    rows = subnets_of(cloud, vpc, subnets)
    offered = offers(cloud, [kind.name for kind in kinds])
    found: dict[str, Site] = {}
    for row in sorted(rows, key=lambda row: (row["AvailabilityZone"], row["SubnetId"])):
        zone = row["AvailabilityZone"]
        here = tuple(kind.name for kind in kinds if zone in offered.get(kind.name, ()))
        if here and zone not in found:
            found[zone] = Site(row["SubnetId"], zone, here)
    if not found:
        zones = ", ".join(sorted({row["AvailabilityZone"] for row in rows}))
        names = " or ".join(kind.name for kind in kinds)
        raise InputError(f"no zone of your subnets ({zones}) offers {names}; change {TYPES}, cluster_subnets or cluster_region")
    return list(found.values())


def subnets_of(cloud: Cloud, vpc: str, subnets: Sequence[str]) -> list[Any]:
    """The given subnets, or all of the network that give public addresses."""
    asked: dict[str, Any] = {"SubnetIds": list(subnets)} if subnets else {"Filters": listed({"vpc-id": vpc})}
    try:
        rows = cloud.call("ec2", "describe_subnets", "find the subnets", **asked)["Subnets"]
    except CloudError as error:
        if error.code.startswith("InvalidSubnet"):
            raise InputError(f"a subnet of cluster_subnets is not in {cloud.region}: {', '.join(subnets)}; correct it") from None
        raise
    if subnets and any(row["VpcId"] != vpc for row in rows):
        raise InputError(f"a subnet of cluster_subnets is not in the network {vpc}; set cluster_vpc to the one that they are in")
    public = [row for row in rows if row.get("MapPublicIpOnLaunch")] if not subnets else rows
    if not public:
        raise InputError(f"the network {vpc} has no subnet that gives public addresses; set cluster_subnets")
    return list(public)


def offers(cloud: Cloud, names: list[str]) -> dict[str, set[str]]:
    """Zones by instance type."""
    found: dict[str, set[str]] = {}
    filters = [{"Name": "instance-type", "Values": names}]
    doing = "find the zones of the instance types"
    operation = "describe_instance_type_offerings"
    for page in cloud.pages("ec2", operation, doing, LocationType="availability-zone", Filters=filters):
        for row in page["InstanceTypeOfferings"]:
            found.setdefault(row["InstanceType"], set()).add(row["Location"])
    return found
