"""The machine images that the local EC2 offers, under the accounts that really publish them, so that they are found as on AWS.

All of them boot the same base image; what differs is the user who may log in. arm64 images can be found, and launched, but the host
that they become has this machine's processor.
"""

from dataclasses import dataclass

DEBIAN, CANONICAL = "136693071363", "099720109477"


@dataclass(frozen=True)
class Image:
    """`key` is how our own programs call it, the rest is what DescribeImages tells."""

    key: str
    id: str
    name: str
    owner: str
    architecture: str
    created: str
    user: str

    def for_moto(self) -> dict[str, object]:
        """The entry for the file that MOTO_AMIS_PATH names."""
        return {
            "ami_id": self.id,
            "name": self.name,
            "owner_id": self.owner,
            "architecture": self.architecture,
            "creation_date": self.created,
            "description": self.name,
            "image_location": f"{self.owner}/{self.name}",
            "root_device_name": "/dev/xvda" if self.owner == DEBIAN else "/dev/sda1",
            **{"root_device_type": "ebs", "virtualization_type": "hvm", "hypervisor": "xen", "image_type": "machine"},
            **{"state": "available", "public": True, "sriov": "simple", "platform": None},
        }


def debian(key: str, number: str, date: str, architecture: str) -> Image:
    name = f"debian-12-{'amd64' if architecture == 'x86_64' else architecture}-{date.replace('-', '')}-2000"
    return Image(key, f"ami-0deb12{number:0>11}", name, DEBIAN, architecture, f"{date}T00:00:00.000Z", "admin")


def ubuntu(key: str, number: str, date: str, architecture: str) -> Image:
    shown = "amd64" if architecture == "x86_64" else architecture
    name = f"ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{shown}-server-{date.replace('-', '')}"
    return Image(key, f"ami-0b2404{number:0>11}", name, CANONICAL, architecture, f"{date}T00:00:00.000Z", "ubuntu")


IMAGES = (
    debian("debian12", "1", "2026-11-01", "x86_64"),
    debian("debian12_arm64", "2", "2026-11-01", "arm64"),
    debian("debian12_older", "3", "2026-08-01", "x86_64"),  # whoever looks for the newest must not get this one
    ubuntu("ubuntu2404", "4", "2026-10-15", "x86_64"),
    ubuntu("ubuntu2404_arm64", "5", "2026-10-15", "arm64"),
)


def user_of(image_id: str) -> str:
    """Who may log in to a host of that image."""
    return next((image.user for image in IMAGES if image.id == image_id), "admin")
