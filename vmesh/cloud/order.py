"""What is launched: everything that the instances of one launch have in common, and the request that asks AWS for some of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vgp.errors import InputError
from vmesh.cloud import indexes
from vmesh.cloud.instances import CLUSTER, INDEXES, NODE, ROLE

MOST_USER_DATA = 16 << 10  # bytes, EC2's limit


@dataclass(frozen=True, slots=True)
class Site:
    """A subnet, its zone, and the instance types that this zone offers."""

    subnet: str
    zone: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """`types`: in order of preference. `template`: name of the launch template with all that setup.yml decided."""

    cluster: str
    role: str
    image: str
    root_device: str
    disk: int  # GB
    types: tuple[str, ...]
    sites: tuple[Site, ...]
    template: str
    user_data: str = ""
    spot: bool = False

    def request(self, type_: str, site: Site, wanted: Sequence[int], *, least: int, salt: str) -> dict[str, Any]:
        """The parameters of RunInstances for these indexes, or for the first of them, at least `least`.

        The token makes a request that is sent twice - the connection broke, the launch was interrupted and resumed - launch once.
        """
        parameters: dict[str, Any] = {
            "LaunchTemplate": {"LaunchTemplateName": self.template, "Version": "$Latest"},
            "ImageId": self.image,
            "InstanceType": type_,
            "SubnetId": site.subnet,
            "MinCount": least,
            "MaxCount": len(wanted),
            "BlockDeviceMappings": [{"DeviceName": self.root_device, "Ebs": self.volume()}],
            "TagSpecifications": [
                {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in self.tags(wanted).items()]}
                for kind in ("instance", "volume")
            ],
        }
        if self.user_data:
            parameters["UserData"] = self.user_data
        if self.spot:
            options = {"SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate"}
            parameters["InstanceMarketOptions"] = {"MarketType": "spot", "SpotOptions": options}
        return parameters | {"ClientToken": token(parameters, salt)}

    def volume(self) -> dict[str, Any]:
        """The root volume: encrypted, and gone with its instance."""
        return {"VolumeSize": self.disk, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}

    def tags(self, wanted: Iterable[int]) -> dict[str, str]:
        """What instances and volumes bear from the launch on."""
        tags = {"Name": f"{self.cluster}-{self.role}", CLUSTER: self.cluster, ROLE: self.role}
        return tags | ({INDEXES: indexes.written(wanted)} if self.role == NODE else {})


def token(parameters: Mapping[str, Any], salt: str) -> str:
    """64 characters that stand for one request and what was there before it."""
    return hashlib.sha256(json.dumps([parameters, salt], sort_keys=True).encode()).hexdigest()


def from_parameters(params: Mapping[str, Any], role: str) -> Order:
    """The order that a module's parameters give. Raises InputError."""
    size = len(params["user_data"].encode())
    if size > MOST_USER_DATA:
        raise InputError(f"the user data has {size:,} bytes and EC2 takes {MOST_USER_DATA:,}; shorten it")
    sites = tuple(Site(row["subnet"], row["zone"], tuple(row["types"])) for row in params["subnets"])
    if not params["types"] or not sites:
        raise InputError("there is no instance type or no subnet to launch in; run the preflight first")
    return Order(
        cluster=params["cluster"],
        role=role,
        image=params["image"],
        root_device=params["root_device"],
        disk=params["disk"],
        types=tuple(params["types"]),
        sites=sites,
        template=params["template"],
        user_data=params["user_data"],
        spot=params["market"] == "spot",
    )
