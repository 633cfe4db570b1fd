"""Hosts without EC2, for tests of roles: same images, same network, and no daemon."""

import contextlib
import shutil
from concurrent.futures import ThreadPoolExecutor

from tools.local_cloud import cgroups, image, network
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.host import NSPAWN_REMAINS, Design, Host, hosts
from tools.local_cloud.state import State


def up(state: State, name: str, address: str, kind: str, binds: list[str], progress: image.Progress) -> Host:
    """Make a host and boot it, or boot it again; returns when it takes ssh connections."""
    host = Host(state, name)
    network.checked_address(address)
    layers = image.layers(state, kind, progress)
    with state.locked():
        network.ensure_bridge(state)
        ensure_key(state)
        if host.design is None:
            taken = [other.name for other in hosts(state) if other.design and other.design.address == address]
            if taken:
                raise LocalCloudError(f"{address} is already the address of {taken[0]}")
            keys = [state.key_file.with_suffix(".pub").read_text()]
            host.create(Design(name, address, [str(layer) for layer in layers], public_keys=keys, binds=binds))
        if host.supervisor() is None:
            cgroups.end(host.label)
            host.boot()
    host.wait_until_ready()
    return host


def ensure_key(state: State) -> None:
    if not state.key_file.exists():
        network.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "local cloud", "-f", str(state.key_file))


def down(state: State, name: str) -> bool:
    """End and remove a host; False: there was none."""
    host = Host(state, name)
    there = host.folder.exists()
    host.remove()
    return there


def sweep(state: State, everything: bool) -> None:
    """Remove what a cloud left behind: the hosts of an ended daemon, or, to end the cloud, everything that bears its tag."""
    found = [(host, host.design) for host in hosts(state)]
    ended = [host for host, design in found if everything or design is None or design.owner == "instance"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Host.remove, ended))
    if not everything:
        return
    for label in cgroups.names(state.tag):
        cgroups.end(label)
    for namespace in network.namespaces(state):
        network.remove_namespace(namespace)
    with contextlib.suppress(FileNotFoundError):
        for remains in NSPAWN_REMAINS.glob(f"{state.tag}-*"):
            shutil.rmtree(remains, ignore_errors=True)
