"""The account: whose it is, what things of a cluster are called in it, and whether setup.yml has made them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from vgp.errors import InputError
from vmesh.cloud.aws import Cloud, CloudError, known_regions

NAME = re.compile(r"[a-z](?:-?[a-z0-9]){0,24}")
PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,53}[a-z0-9])?")  # with "-deploy" at most 63 characters
KINDS = ("code", "deploy", "data")
# Those that most use; for others boto3 is asked, which takes a second.
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "eu-north-1", "eu-south-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-southeast-1", "ap-southeast-2", "ap-east-1", "af-south-1", "me-south-1", "me-central-1", "il-central-1"),
)
SETUP = "run ansible-playbook setup.yml first"


@dataclass(frozen=True, slots=True)
class Account:
    """Names of what a cluster has in an account."""

    number: str
    cluster: str
    prefix: str  # of bucket names

    @property
    def buckets(self) -> dict[str, str]:
        """Names by kind."""
        return {kind: f"{self.prefix}-{kind}" for kind in KINDS}

    def template(self, role: str) -> str:
        """The launch template of nodes or of the development server."""
        return f"{self.cluster}-{role}"


def check_name(cluster: str) -> None:
    """Raises InputError for a name that a bucket, a host name or a tag cannot bear."""
    if not NAME.fullmatch(cluster):
        raise InputError(
            f"cluster_name is {cluster!r}; take at most 25 lower-case letters, digits and single dashes that begin with a letter"
        )


def check_region(region: str) -> None:
    """Raises InputError for a region that AWS does not have."""
    if region not in REGIONS and region not in known_regions():
        raise InputError(f"there is no region {region!r}; set cluster_region to one such as eu-central-1")


def signed_in(cloud: Cloud, cluster: str, prefix: str) -> Account:
    """The account of the credentials. Raises CloudError, InputError."""
    number = cloud.call("sts", "get_caller_identity", "tell whose the AWS credentials are")["Account"]
    prefix = prefix or f"{cluster}-{number}"
    if not PREFIX.fullmatch(prefix):
        raise InputError(f"cluster_bucket_prefix is {prefix!r}; take at most 55 lower-case letters, digits and dashes")
    return Account(number, cluster, prefix)


def check_buckets(cloud: Cloud, account: Account, *, needed: bool) -> None:
    """Raises InputError for a bucket that is not there, if it is `needed`, or that is somebody else's."""
    for name in account.buckets.values():
        try:
            cloud.call("s3", "head_bucket", f"look at the bucket {name}", Bucket=name, ExpectedBucketOwner=account.number)
        except CloudError as error:
            if error.code in ("404", "NoSuchBucket", "NotFound"):
                if needed:
                    raise InputError(f"there is no bucket {name}; {SETUP}") from None
                continue
            if error.code in ("403", "AccessDenied", "Forbidden"):
                message = f"the bucket {name} is somebody else's or closed to you; set cluster_bucket_prefix to another"
                raise InputError(message) from None
            if error.code in ("301", "PermanentRedirect"):
                message = f"the bucket {name} is not in {cloud.region}; set cluster_region or cluster_bucket_prefix"
                raise InputError(message) from None
            raise


def check_template(cloud: Cloud, name: str) -> None:
    """Raises InputError if setup.yml has not made the launch template, or somebody removed its key or its security group."""
    doing = f"read the launch template {name}"
    try:
        found = cloud.call(
            "ec2", "describe_launch_template_versions", doing, LaunchTemplateName=name, Versions=["$Latest"]
        )["LaunchTemplateVersions"]
    except CloudError as error:
        if not error.code.startswith("InvalidLaunchTemplate"):
            raise
        found = []
    if not found:
        raise InputError(f"there is no launch template {name}; {SETUP}")
    data = found[0]["LaunchTemplateData"]
    check_key(cloud, data.get("KeyName", ""))
    check_groups(cloud, data.get("SecurityGroupIds", []))


def check_key(cloud: Cloud, name: str) -> None:
    """Raises InputError if the key pair is gone."""
    try:
        cloud.call("ec2", "describe_key_pairs", f"find the ssh key {name}", KeyNames=[name])
    except CloudError as error:
        if error.code == "InvalidKeyPair.NotFound":
            raise InputError(f"the ssh key {name} is not in region {cloud.region}; {SETUP}") from None
        raise


def check_groups(cloud: Cloud, groups: list[str]) -> None:
    """Raises InputError if a security group is gone."""
    if not groups:
        raise InputError(f"the launch template has no security group; {SETUP}")
    try:
        cloud.call("ec2", "describe_security_groups", "find the security group", GroupIds=groups)
    except CloudError as error:
        if error.code.startswith("InvalidGroup"):
            raise InputError(f"the security group {groups[0]} is not in region {cloud.region}; {SETUP}") from None
        raise


def check_public_key(path: str) -> None:
    """Raises InputError unless the file holds the public half of an ssh key that EC2 takes."""
    name = os.path.expanduser(path)
    try:
        with open(name, encoding="utf-8") as file:
            words = file.readline().split()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise InputError(f"the public key {name} cannot be read ({reason}); make a key with ssh-keygen -t ed25519") from None
    if not words or words[0] not in ("ssh-ed25519", "ssh-rsa"):
        raise InputError(f"{name} holds no public key of the kind ed25519 or rsa; set cluster_public_key to one that does")
