"""What the metadata service tells each instance, read from moto when it asks."""

import base64
import datetime
import json
import threading

from moto.ec2.models.instances import Instance
from moto.iam import iam_backends
from moto.sts.models import sts_backends

from tools.local_cloud.ec2 import ACCOUNT, REGION, instances, tags_of
from tools.local_cloud.metadata import Facts, Text

HOURS = 6  # that an instance's credentials are good for
RENEW = 600.0  # seconds before their end that others are handed out
ON = ("pending", "running", "stopping", "shutting-down")


class Told:
    """Facts of instances; keeps their credentials and the notices that spot instances have got."""

    def __init__(self) -> None:
        self.notices: dict[str, str] = {}  # instance id -> spot/instance-action
        self._roles: dict[tuple[str, str], object] = {}
        self._lock = threading.Lock()

    def facts_of(self, address: str) -> Facts | None:
        """What the instance with that address is told; None: no living instance has it."""
        found = next((each for each in instances() if each.private_ip == address and each.state in ON), None)
        if found is None:
            return None
        options = found.metadata_options
        hops, enabled = options.http_put_response_hop_limit or 1, options.http_endpoint != "disabled"
        return Facts(options.http_tokens == "required", enabled, hops, self.values(found))

    def values(self, instance: Instance) -> dict[str, Text]:
        metadata: dict[str, Text] = {
            "ami-id": instance.image_id,
            "ami-launch-index": str(instance.ami_launch_index),
            "hostname": instance.private_dns_name,
            "instance-action": "none",
            "instance-id": instance.id,
            "instance-life-cycle": "spot" if instance.lifecycle == "spot" else "on-demand",
            "instance-type": instance.instance_type,
            "local-hostname": instance.private_dns_name,
            "local-ipv4": instance.private_ip or "",
            "mac": instance.nics[0].mac_address,
            "placement/availability-zone": instance.availability_zone or "",
            "placement/region": REGION,
            "security-groups": "\n".join(group.name for group in instance.security_groups),
        }
        if instance.public_ip:
            metadata |= {"public-hostname": instance.public_dns_name or "", "public-ipv4": instance.public_ip}
        if instance.metadata_options.instance_metadata_tags == "enabled":
            metadata |= {f"tags/instance/{key}": value for key, value in tags_of(instance).items()}
        if instance.id in self.notices:
            metadata["spot/instance-action"] = self.notices[instance.id]
        metadata |= self.credentials(instance)
        values = {f"meta-data/{name}": text for name, text in metadata.items()}
        values["dynamic/instance-identity/document"] = json.dumps(identity(instance), indent=2)
        return values | ({"user-data": text} if (text := user_data(instance)) else {})

    def credentials(self, instance: Instance) -> dict[str, Text]:
        arn = (instance.iam_instance_profile or {}).get("Arn")
        profile = next((each for each in iam_backends[ACCOUNT]["aws"].get_instance_profiles() if each.arn == arn), None)
        if profile is None or not profile.roles:
            return {}
        role = profile.roles[0]
        found: dict[str, Text] = {f"iam/security-credentials/{role.name}": lambda: self.temporary(instance, role.arn)}
        found["iam/info"] = json.dumps({"Code": "Success", "InstanceProfileArn": arn, "InstanceProfileId": profile.id})
        return found

    def temporary(self, instance: Instance, arn: str) -> str:
        """Credentials of the role, the same ones until they are about to end."""
        now = datetime.datetime.now(datetime.UTC)
        with self._lock:
            role = self._roles.get((instance.id, arn))
            if role is None or (aware(role.expiration) - now).total_seconds() < RENEW:
                role = sts_backends[ACCOUNT]["aws"].assume_role(REGION, instance.id, arn, "", HOURS * 3600, "")
                self._roles[instance.id, arn] = role
        return json.dumps({
            **{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": stamp(now), "AccessKeyId": role.access_key_id},
            **{"SecretAccessKey": role.secret_access_key, "Token": role.session_token, "Expiration": stamp(aware(role.expiration))},
        })

    def expire(self, instance_id: str) -> int:
        """End the credentials that an instance was given; returns how many. It gets others when it asks again."""
        now = datetime.datetime.now(datetime.UTC)
        with self._lock:
            ours = [key for key in self._roles if key[0] == instance_id]
            for key in ours:
                role = self._roles.pop(key)
                role.expiration = now.replace(tzinfo=role.expiration.tzinfo)
        return len(ours)


def user_data(instance: Instance) -> str:
    return base64.b64decode(str(instance.user_data)).decode(errors="replace") if instance.user_data else ""


def identity(instance: Instance) -> dict[str, object]:
    return {
        **{"accountId": ACCOUNT, "architecture": instance.architecture, "availabilityZone": instance.availability_zone},
        **{"imageId": instance.image_id, "instanceId": instance.id, "instanceType": instance.instance_type},
        **{"pendingTime": stamp(aware(instance.launch_time)), "privateIp": instance.private_ip, "region": REGION},
        "version": "2017-09-30",
    }


def aware(time: datetime.datetime) -> datetime.datetime:
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)


def stamp(time: datetime.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
