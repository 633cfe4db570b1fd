"""The network of a cloud: one bridge in a network namespace of its own, so that nothing else on this machine is touched.

All hosts sit in the default VPC 172.31.0.0/16. The bridge has two addresses: one for the API, one for the metadata service, which
hosts reach on the link and which sees who asks. There is no way out: hosts have no registry and no name server.
"""

import ctypes
import ipaddress
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State

NAMESPACES = Path("/run/netns")
CLONE_NEWNET = 0x40000000
BRIDGE = "br0"
VPC = ipaddress.ip_network("172.31.0.0/16")
API_ADDRESS = "172.31.255.254"
METADATA_ADDRESS = "169.254.169.254"


def run(*words: str, text: str | None = None) -> str:
    result = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LocalCloudError(f"{' '.join(words)}: {result.stderr.strip()}")
    return result.stdout


def bridge_namespace(state: State) -> str:
    return state.tag


def host_namespace(state: State, name: str) -> str:
    return f"{state.tag}-{name}"


def checked_address(address: str) -> str:
    """The address itself; raises LocalCloudError unless a host of the VPC can have it."""
    try:
        good = ipaddress.ip_address(address) in VPC and address not in (API_ADDRESS, str(VPC[0]), str(VPC[-1]))
    except ValueError:
        good = False
    if not good:
        raise LocalCloudError(f"{address} cannot be a host's address: it must lie in {VPC} ({API_ADDRESS} is the API's)")
    return address


def link_of(address: str) -> str:
    """The bridge's end of a host's cable. Names of interfaces hold 15 characters at most; this one has 9."""
    return "v" + ipaddress.ip_address(address).packed.hex()


def hardware_address_of(address: str) -> str:
    """The same for each host that gets an address, so that no neighbour remembers a wrong one."""
    return ":".join(["02", "00", *(f"{byte:02x}" for byte in ipaddress.ip_address(address).packed)])


def ensure_bridge(state: State) -> None:
    """Make the bridge unless it is there. Callers hold the state's lock."""
    name = bridge_namespace(state)
    if (NAMESPACES / name).exists():
        return
    run("ip", "netns", "add", name)
    lines = [
        "link set lo up",
        f"link add {BRIDGE} type bridge forward_delay 0",
        f"addr add {API_ADDRESS}/{VPC.prefixlen} dev {BRIDGE}",
        f"addr add {METADATA_ADDRESS}/32 dev {BRIDGE}",
        f"link set {BRIDGE} up",
    ]
    run("ip", "-n", name, "-batch", "-", text="\n".join(lines))


def plug_in(state: State, name: str, address: str) -> None:
    """Give a host its namespace, with the address already on eth0."""
    bridge, inside = bridge_namespace(state), host_namespace(state, name)
    run("ip", "netns", "add", inside)
    cable = f"{link_of(address)} type veth peer name eth0 netns {inside} address {hardware_address_of(address)}"
    run("ip", "-n", bridge, "-batch", "-", text=f"link add {cable}\nlink set {link_of(address)} master {BRIDGE} up")
    lines = [
        "link set lo up",
        f"addr add {address}/{VPC.prefixlen} dev eth0",
        "link set eth0 up",
        f"route add {METADATA_ADDRESS} dev eth0",
    ]
    run("ip", "-n", inside, "-batch", "-", text="\n".join(lines))


def unplug(state: State, name: str) -> None:
    """Remove a host's namespace, and with it both ends of its cable."""
    remove_namespace(host_namespace(state, name))


def remove_namespace(name: str) -> None:
    if (NAMESPACES / name).exists():
        run("ip", "netns", "delete", name)


def namespaces(state: State) -> list[str]:
    """Every namespace of this cloud, the bridge's last."""
    found = [path.name for path in NAMESPACES.glob(f"{state.tag}*")]
    return sorted(found, key=lambda name: (name == state.tag, name))


def enter(name: str) -> None:
    """Move this thread into a namespace."""
    library = ctypes.CDLL(None, use_errno=True)
    with (NAMESPACES / name).open() as file:
        if library.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def socket_inside(state: State, make: Callable[[], socket.socket]) -> socket.socket:
    """What `make` returns when it is called in the bridge's namespace: a socket stays where it was made."""
    made: list[socket.socket] = []
    failed: list[OSError] = []

    def work() -> None:
        try:
            enter(bridge_namespace(state))
            made.append(make())
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=work)  # a thread of its own: its namespace ends with it
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def dial(state: State, host: str, port: int, timeout: float) -> socket.socket:
    """A connection from the bridge's namespace; raises OSError."""
    return socket_inside(state, lambda: socket.create_connection((host, port), timeout))


def listen(state: State, address: str, port: int) -> socket.socket:
    """A listening socket in the bridge's namespace."""
    return socket_inside(state, lambda: socket.create_server((address, port), backlog=128))
