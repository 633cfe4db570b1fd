"""Addresses of workers: "host:port", the host a name, an IPv4 address, or an IPv6 address in brackets."""

import ipaddress
import re

from vmesh.errors import SettingsError

ADDRESS = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
EVERYWHERE = ("0.0.0.0", "::", "0")


def well_formed_address(address: str) -> bool:
    """Whether that is an address with a port that can be reached."""
    match = ADDRESS.fullmatch(address)
    return match is not None and 0 < int(match[1]) < 65_536


def is_loopback(host: str) -> bool:
    """Whether only this machine can use that address. Names are not looked up: they may lead elsewhere tomorrow."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def bracketed(host: str) -> str:
    """As it stands before a port."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def advertised(bind: str, advertise: str, port: int) -> str:
    """What others are told: where this machine is reached. Raises SettingsError."""
    if not advertise and bind.strip("[]") in EVERYWHERE:
        raise SettingsError(f"bind {bind} is every address of this machine; set network.advertise to the one that others use")
    address = f"{bracketed(advertise or bind)}:{port}"
    if not well_formed_address(address):
        raise SettingsError(f"network.advertise is {advertise!r}; give the name or address of this machine, without a port")
    return address
