"""Addresses as users write them: "host:port", the host a name, an IPv4 address, or an IPv6 address in brackets."""

import ipaddress
import re

from vmesh.errors import SettingsError

ADDRESS = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
EVERYWHERE = ("0.0.0.0", "::", "0")


def well_formed_address(address: str) -> bool:
    """Whether that is an address with a port that can be reached."""
    match = ADDRESS.fullmatch(address)
    return match is not None and 0 < int(match[1]) < 65_536


def checked(address: str) -> str:
    """The address without blanks around it. Raises SettingsError."""
    text = address.strip()
    if not well_formed_address(text) or (text.startswith("[") and not _is_ipv6(text[1 : text.index("]")])):
        raise SettingsError(f"'{address}' is no address; write HOST:PORT, for example 10.0.0.7:7100 or [fd00::7]:7100")
    return text


def split(address: str) -> tuple[str, int]:
    """("host", port) of an address, the host without brackets. Raises SettingsError."""
    host, _, port = checked(address).rpartition(":")
    return host.strip("[]"), int(port)


def join(host: str, port: int) -> str:
    """The address of a host and a port."""
    return f"{bracketed(host)}:{port}"


def address_list(text: str) -> tuple[str, ...]:
    """Addresses separated by commas, each once. Raises SettingsError."""
    return tuple(dict.fromkeys(checked(part) for part in text.split(",") if part.strip()))


def is_loopback(host: str) -> bool:
    """Whether only this machine can use that host. Names are not looked up: they may lead elsewhere tomorrow."""
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
    address = join(advertise or bind, port)
    if not well_formed_address(address):
        raise SettingsError(f"network.advertise is {advertise!r}; give the name or address of this machine, without a port")
    return address


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
