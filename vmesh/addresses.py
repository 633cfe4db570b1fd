"""Addresses as users write them and members carry them: "host:port", with brackets around an IPv6 host."""

import ipaddress
import re

from vmesh.errors import SettingsError

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[A-Za-z0-9]")


def split(address: str) -> tuple[str, int]:
    """("host", port) of an address. Raises SettingsError."""
    host, colon, port = address.strip().rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if colon and re.fullmatch(r"\d{1,5}", port) and 0 < int(port) < 1 << 16:
        if bracketed and _is_ip(host[1:-1], 6):
            return host[1:-1], int(port)
        if HOST.fullmatch(host):
            return host, int(port)
    raise SettingsError(f"'{address}' is no address; write HOST:PORT, for example 10.0.0.7:7100 or [fd00::7]:7100")


def join(host: str, port: int) -> str:
    """The address of a host and a port."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_list(text: str) -> tuple[str, ...]:
    """Addresses separated by commas, each once. Raises SettingsError."""
    return tuple(dict.fromkeys(join(*split(part)) for part in text.split(",") if part.strip()))


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_ip(host: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(host).version == version
    except ValueError:
        return False
