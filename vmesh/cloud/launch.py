"""Launches instances: few calls, spread over zones, with a way round zones and types that have no capacity.

A call asks for all of its share or nothing; where there is no capacity for that, for as many as there are. What a zone cannot give
is asked of the others, then the whole is tried with the next instance type. A quota holds in every zone, so it ends the launch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vmesh.cloud import indexes
from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.instances import ENDED, Instance, from_answer
from vmesh.cloud.order import Order, Site
from vmesh.cloud.plan import shares

A_CALL = 200  # instances; AWS advises against more at a time
RENEWALS = 20  # of a token whose instances have ended
NO_CAPACITY = (
    *("InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientReservedInstanceCapacity", "SpotMaxPriceTooLow"),
    *("InsufficientFreeAddressesInSubnet", "InsufficientCapacity", "Server.InsufficientInstanceCapacity"),
)
NOT_HERE = ("Unsupported", "UnsupportedOperation", "InstanceTypeNotSupported")
QUOTA = {
    "VcpuLimitExceeded": "the account's quota of vCPUs is reached",
    "MaxSpotInstanceCountExceeded": "the account's quota of spot instances is reached",
    "InstanceLimitExceeded": "the account's quota of instances is reached",
    "VolumeLimitExceeded": "the account's quota of disks is reached",
}


@dataclass
class Launched:
    """What a launch got, which indexes it did not, and why."""

    instances: list[Instance] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    refusals: list[CloudError] = field(default_factory=list)
    full: dict[str, list[str]] = field(default_factory=dict)  # zones without capacity, by type

    def take(self, instances: Sequence[Instance], wanted: Sequence[int]) -> list[int]:
        """Notes what one call gave; returns what it did not."""
        self.instances.extend(instances)
        got = wanted[: len(instances)]
        self.left = [index for index in self.left if index not in set(got)]
        return list(wanted[len(instances) :])


class Stopped(Exception):
    """No other zone or type would help."""


def launch(cloud: Cloud, order: Order, wanted: Iterable[int], there: Iterable[Instance], ended: Iterable[Instance]) -> Launched:
    """Launches one instance for each index. `there`: those that run already, for an even spread; `ended`: those that are known
    to have ended, whose calls must not be taken for this one. Never raises CloudError: what went wrong stands in the result."""
    launched = Launched(left=sorted(wanted))
    salt = ",".join(sorted(one.instance for one in ended))
    load = Counter(one.subnet for one in there)
    try:
        for type_ in order.types:
            with_type(cloud, order, type_, launched, load, salt)
    except Stopped:
        pass
    return launched


def with_type(cloud: Cloud, order: Order, type_: str, launched: Launched, load: Counter[str], salt: str) -> None:
    """Asks every zone that offers the type, until nothing is left or each has said no."""
    sites = [site for site in order.sites if type_ in site.types]
    while launched.left and sites:
        dealt = shares(launched.left, [load[site.subnet] for site in sites])
        open_ = []
        for site, share in zip(sites, dealt, strict=True):
            before = len(launched.instances)
            if all(in_site(cloud, order, type_, site, batch, launched, salt) for batch in indexes.batches(share, A_CALL)):
                open_.append(site)
            else:
                launched.full.setdefault(type_, []).append(site.zone)
            load[site.subnet] += len(launched.instances) - before
        sites = open_


def in_site(cloud: Cloud, order: Order, type_: str, site: Site, wanted: list[int], launched: Launched, salt: str) -> bool:
    """One share in one zone; whether the zone can be asked again. Raises Stopped."""
    for least in dict.fromkeys((len(wanted), 1)):
        try:
            return not launched.take(run(cloud, order, type_, site, wanted, least, salt), wanted)
        except CloudError as error:
            launched.refusals.append(error)
            if error.code in NOT_HERE:
                return False
            if error.code not in NO_CAPACITY:
                raise Stopped from None
    return False


def run(cloud: Cloud, order: Order, type_: str, site: Site, wanted: list[int], least: int, salt: str) -> list[Instance]:
    """RunInstances, with a new token as often as the one before belongs to instances that have ended. Raises CloudError."""
    doing = f"launch {len(wanted)} {type_} in {site.zone}"
    for renewal in range(RENEWALS):
        request = order.request(type_, site, wanted, least=least, salt=f"{salt}/{renewal}")
        try:
            answer = cloud.call("ec2", "run_instances", doing, **request)
        except CloudError as error:
            if error.code != "IdempotentInstanceTerminated":
                raise
            continue
        instances = sorted(map(from_answer, answer["Instances"]), key=lambda one: one.index or 0)
        if all(one.state not in ENDED for one in instances):
            return instances
    raise CloudError(f"cannot {doing}: the same launch has failed {RENEWALS} times; end the cluster and launch it again")
