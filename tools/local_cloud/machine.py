"""Whether this machine can be a local cloud, said before anything is begun."""

import importlib.util
import os
import shutil
import sys

from tools.local_cloud.errors import LocalCloudError

PROGRAMS = {  # program: Debian's package
    "systemd-nspawn": "systemd-container",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ssh-keygen": "openssh-client",
}
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def check(hosts: bool = True, daemon: bool = False) -> None:
    """Raise a LocalCloudError that says what is missing for `hosts`, and for the `daemon` with the cloud's API."""
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{SBIN}"  # cron and some sudo settings leave them out
    checks = [hindrance_of_system, hindrance_of_packages] if hosts else []
    for hindrance_of in [*checks, hindrance_of_modules] if daemon else checks:
        if hindrance := hindrance_of():
            raise LocalCloudError(hindrance)


def hindrance_of_system(platform: str = sys.platform, user: int | None = None) -> str:
    if platform != "linux":
        return "the local cloud needs Linux (its hosts are systemd-nspawn containers); on this system use provider=aws"
    if (os.geteuid() if user is None else user) != 0:
        return "the local cloud needs root, to make network namespaces and mounts: run the same command with sudo"
    return ""


def hindrance_of_packages() -> str:
    missing = sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})
    return f"the local cloud needs {', '.join(missing)}; install with: apt-get install {' '.join(missing)}" if missing else ""


def hindrance_of_modules() -> str:
    if any(importlib.util.find_spec(name) is None for name in ("moto", "flask", "werkzeug")):
        return f"the local cloud needs moto's server; install with: {sys.executable} -m pip install 'moto[server]>=5,<6'"
    return ""
