"""Machine images: Debian's and Ubuntu's newest by owner and name, or one given by its id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from vgp.errors import InputError
from vmesh.cloud.aws import Cloud, CloudError


@dataclass(frozen=True, slots=True)
class Family:
    """Images that somebody publishes regularly. `python`: tag of the interpreter that they bring."""

    title: str
    owner: str  # account
    name: str  # {arch}: amd64 or arm64
    user: str
    python: str


FAMILIES = {
    "debian12": Family("Debian 12", "136693071363", "debian-12-{arch}-*", "admin", "cp311"),
    "ubuntu24.04": Family(
        "Ubuntu 24.04", "099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{arch}-server-*", "ubuntu", "cp312"
    ),
}
DEB_ARCH = {"x86_64": "amd64", "arm64": "arm64"}
AMI = re.compile(r"ami-[0-9a-f]{8,17}")


@dataclass(frozen=True, slots=True)
class Image:
    """`python` is empty where it is not known."""

    id: str
    title: str
    root_device: str
    user: str
    arch: str  # x86_64 or arm64, EC2's words
    python: str = ""


def check(name: str, user: str) -> None:
    """Raises InputError for what cannot be an image."""
    if name in FAMILIES:
        return
    if not AMI.fullmatch(name):
        raise InputError(f"cluster_image is {name!r}; take {' or '.join(FAMILIES)}, or the id of an image (ami-...)")
    if not user:
        raise InputError(f"who logs in on {name}? set cluster_image_user (Debian: admin, Ubuntu: ubuntu)")


def find(cloud: Cloud, name: str, user: str, arch: str) -> Image:
    """The newest image of that family for an architecture, or the one with that id. Raises InputError, CloudError."""
    check(name, user)
    return by_family(cloud, FAMILIES[name], arch) if name in FAMILIES else by_id(cloud, name, user, arch)


def by_family(cloud: Cloud, family: Family, arch: str) -> Image:
    """The newest; others may publish images of the same name, so the owner counts."""
    pattern = family.name.format(arch=DEB_ARCH[arch])
    filters = {"name": pattern, "architecture": arch, "state": "available", "root-device-type": "ebs"}
    doing = f"find images of {family.title}"
    rows = cloud.call("ec2", "describe_images", doing, Owners=[family.owner], Filters=listed(filters))["Images"]
    if not rows:
        raise InputError(
            f"there is no image of {family.title} for {arch} in {cloud.region}; "
            f"set cluster_image to {' or '.join(FAMILIES)}, or to the id of an image (ami-...)"
        )
    newest = max(rows, key=lambda row: (row["CreationDate"], row["ImageId"]))
    return Image(newest["ImageId"], family.title, newest["RootDeviceName"], family.user, arch, family.python)


def by_id(cloud: Cloud, ami: str, user: str, arch: str) -> Image:
    """The image that the user names."""
    missing = f"there is no image {ami} in {cloud.region}; images of other regions have other ids"
    try:
        rows = cloud.call("ec2", "describe_images", f"find the image {ami}", ImageIds=[ami])["Images"]
    except CloudError as error:
        if error.code.startswith("InvalidAMIID"):
            raise InputError(missing) from None
        raise
    if not rows:
        raise InputError(missing)
    if rows[0].get("Architecture") != arch:
        message = f"the image {ami} is for {rows[0].get('Architecture')} and the instance type for {arch}; change one of them"
        raise InputError(f"{message} (cluster_image, cluster_instance_types)")
    return Image(ami, ami, rows[0]["RootDeviceName"], user, arch)


def listed(filters: dict[str, str]) -> list[dict[str, Any]]:
    """Filters as EC2 wants them."""
    return [{"Name": name, "Values": [value]} for name, value in filters.items()]
