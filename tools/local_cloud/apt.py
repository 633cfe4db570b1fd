"""Where this machine gets its Debian packages: the base images come from the same mirror and suite, whatever they are."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError

SCRIPTS = Path("/usr/share/debootstrap/scripts")
FORMAT = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)"
# the sources as they are written down: without looking at package lists, which takes a second, and which may not be there
TARGETS = ("apt-get", "indextargets", "--no-release-info", "-o", "Dir::State::lists=/nonexistent", "--format", FORMAT)


@dataclass(frozen=True)
class Mirror:
    """A repository that a system can be built from."""

    address: str
    suite: str


def mirror() -> Mirror:
    """The first of this machine's package sources that is a whole system's; raises LocalCloudError if there is none."""
    try:
        asked = subprocess.run(TARGETS, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LocalCloudError("no apt-get on this machine: the local cloud builds its images on Debian or Ubuntu") from None
    found = chosen(asked.stdout, {path.name for path in SCRIPTS.glob("*")})
    if found is None:
        raise LocalCloudError("apt's sources name no suite that debootstrap can build: see /etc/apt/sources.list.d")
    return found


def chosen(targets: str, buildable: set[str]) -> Mirror | None:
    """Of lines in FORMAT the first with main's packages of a suite that debootstrap knows; updates and others' suites are none."""
    for line in targets.splitlines():
        match line.split():
            case [address, suite, "main", "Packages"] if suite in buildable:
                return Mirror(address.rstrip("/"), suite)
    return None
