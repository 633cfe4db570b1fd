"""Where moto differs from EC2 in what the playbooks rely on: set right in this process, and told to whoever makes hosts.

moto launches MinCount instances, not up to MaxCount, and twice for one client token; it gives the instance profile to the first
alone; of a launch template it forgets profile, spot market, shutdown behaviour and metadata options; without a subnet it invents an
address outside of every subnet; and what it terminates is gone at once.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, InstanceBackend, Reservation
from moto.ec2.responses.instances import InstanceResponse

ACCOUNT = DEFAULT_ACCOUNT_ID
REGION = "us-east-1"
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
MOTOS_TOKEN = "ABCDE"  # what moto puts in where the caller gave none
request = threading.local()  # what the response layer knows of a call and does not pass on


def backend() -> Any:
    return ec2_backends[ACCOUNT][REGION]


def instances() -> list[Instance]:
    """All instances that moto knows in our region; terminated ones too."""
    return [instance for reservation in list(backend().reservations.values()) for instance in list(reservation.instances)]


def find(instance_id: str) -> Instance | None:
    return next((instance for instance in instances() if instance.id == instance_id), None)


def set_state(instance: Instance, name: str) -> None:
    instance._state.name, instance._state.code = name, CODES[name]


def tags_of(instance: Instance) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in instance.get_tags()}


def set_right(changed: Callable[[], None], rebooted: Callable[[str], None], with_hosts: bool) -> None:
    """Put the corrections in force in this process.

    Args:
        changed: called after every call that begins or ends an instance
        rebooted: called with the id of an instance that is to restart
        with_hosts: what is terminated or stopped is only on its way until `set_state` says that its host has ended
    """
    patch(InstanceResponse, "run_instances", with_maximum)
    patch(InstanceBackend, "run_instances", functools.partial(launched, changed=changed))
    patch(type(backend()), "associate_iam_instance_profile", associated_once)
    passing = {"terminate": "shutting-down", "stop": "stopping"} if with_hosts else {}
    for name in ("terminate", "stop", "start"):
        patch(Instance, name, functools.partial(followed, passing=passing.get(name), changed=changed))
    patch(Instance, "reboot", functools.partial(restarted, rebooted=rebooted))


def patch(owner: type, name: str, replacement: Callable) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
        return replacement(original, self, *args, **kwargs)

    setattr(owner, name, patched)


def with_maximum(original: Callable, response: InstanceResponse) -> Any:
    request.maximum = int(response._get_param("MaxCount", if_none="1"))
    try:
        return original(response)
    finally:
        request.maximum = None


def launched(original: Callable, backend: Any, image: str, count: int, *args: Any, changed: Callable, **kwargs: Any) -> Reservation:
    """RunInstances, with what moto leaves out."""
    token = kwargs.get("client_token")
    tokens = backend.__dict__.setdefault("client_tokens", {})
    if token in tokens:
        return tokens[token]
    template = template_of(backend, kwargs)
    prepare(backend, template, kwargs)
    reservation = original(backend, image, max(count, getattr(request, "maximum", None) or 0), *args, **kwargs)
    finish(backend, reservation, template, kwargs)
    if token and token != MOTOS_TOKEN:
        tokens[token] = reservation
    changed()
    return reservation


def template_of(backend: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    return backend._get_template_from_args(kwargs["launch_template"]).data if kwargs.get("launch_template") else {}


def prepare(backend: Any, template: dict[str, Any], kwargs: dict[str, Any]) -> None:
    """What is not given with the call comes from the template, and a place from the default VPC."""
    kwargs["metadata_options"] = kwargs.get("metadata_options") or template.get("MetadataOptions") or {}
    behaviour = kwargs.get("instance_initiated_shutdown_behavior") or template.get("InstanceInitiatedShutdownBehavior")
    kwargs["instance_initiated_shutdown_behavior"] = behaviour
    market = kwargs.get("instance_market_options") or template.get("InstanceMarketOptions", {}).get("MarketType")
    kwargs["instance_market_options"] = market
    interfaces = kwargs.get("nics") or template.get("NetworkInterfaces") or []
    if template.get("NetworkInterfaces") and not kwargs.get("nics") and not kwargs.get("subnet_id"):
        kwargs["subnet_id"] = interfaces[0].get("SubnetId")
        kwargs["security_group_ids"] = kwargs.get("security_group_ids") or interfaces[0].get("Groups") or []
    placed = kwargs.get("subnet_id") or any({"SubnetId", "NetworkInterfaceId"} & set(entry) for entry in kwargs.get("nics") or [])
    if not placed:
        subnets = backend.get_default_subnets()
        zone = kwargs.get("placement") or template.get("Placement", {}).get("AvailabilityZone") or min(subnets, default=None)
        if zone in subnets:
            kwargs["subnet_id"] = subnets[zone].id


def finish(backend: Any, reservation: Reservation, template: dict[str, Any], kwargs: dict[str, Any]) -> None:
    """Give every instance the profile that the call or its template names."""
    profile = template.get("IamInstanceProfile") or {}
    name = kwargs.get("iam_instance_profile_name") or profile.get("Name")
    arn = kwargs.get("iam_instance_profile_arn") or profile.get("Arn")
    for instance in reservation.instances if name or arn else ():
        by_name = {"iam_instance_profile_name": name} if name else {"iam_instance_profile_arn": arn}
        backend.associate_iam_instance_profile(instance_id=instance.id, **by_name)


def associated_once(original: Callable, backend: Any, instance_id: str, *args: Any, **kwargs: Any) -> Any:
    """moto's response layer associates the first instance once more."""
    return backend.iam_instance_profile_associations.get(instance_id) or original(backend, instance_id, *args, **kwargs)


def followed(original: Callable, instance: Instance, passing: str | None, changed: Callable) -> Any:
    was = instance.state
    if was == "terminated" or (passing == "shutting-down" and was == passing):
        return type(instance._state)(was, CODES[was])  # a second call changes nothing, and moto's would undo more than it should
    previous = original(instance)
    if passing and instance.region_name == REGION:
        set_state(instance, passing)
    changed()
    return previous


def restarted(original: Callable, instance: Instance, rebooted: Callable) -> None:
    original(instance)
    rebooted(instance.id)
