"""What a cluster costs: hours of its instances times the price of their type. An estimate of the machines alone; the bill is AWS's.

Prices of on-demand instances are settings; those of spot instances are asked for, with one call. What is not known is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from vmesh.cloud.aws import Cloud, CloudError
from vmesh.cloud.instances import Instance

ANY = "*"  # in a list of prices: every type that is not named
SPOT = "spot"
Zoned = tuple[str, str]  # type, zone


class Prices:
    """Dollars an hour. `listed`: by type; `spot`: by type and zone."""

    def __init__(self, listed: Mapping[str, float], spot: Mapping[Zoned, float]) -> None:
        self.listed, self.spot = listed, spot

    def hour(self, instance: Instance) -> float | None:
        """Of one instance. A spot instance costs at most what the list says for its type, and is taken for that if nothing else
        is known."""
        listed = self.listed.get(instance.type, self.listed.get(ANY))
        if instance.lifecycle == SPOT:
            return self.spot.get((instance.type, instance.zone), listed)
        return listed


def prices(cloud: Cloud, instances: Sequence[Instance], listed: Mapping[str, Any]) -> Prices:
    """Prices of these instances. What is no number in the list is no price; a refusal to tell spot prices leaves them out."""
    known = {str(kind): float(price) for kind, price in listed.items() if isinstance(price, (int, float))}
    asked = sorted({instance.type for instance in instances if instance.lifecycle == SPOT})
    return Prices(known, spot_prices(cloud, asked) if asked else {})


def spot_prices(cloud: Cloud, types: Sequence[str]) -> dict[Zoned, float]:
    """What spot instances of these types cost now, by type and zone."""
    try:
        answer = cloud.call(
            *("ec2", "describe_spot_price_history", "read the prices of spot instances"),
            InstanceTypes=list(types),
            ProductDescriptions=["Linux/UNIX"],
            StartTime=datetime.now(UTC),
        )
    except CloudError:
        return {}
    found: dict[Zoned, float] = {}
    for row in sorted(answer.get("SpotPriceHistory", ()), key=lambda row: str(row["Timestamp"])):
        found[row["InstanceType"], row["AvailabilityZone"]] = float(row["SpotPrice"])
    return found
