"""Hosts on one machine: network namespaces at a bridge that stands in a namespace of its own, so that nothing else is touched.

    with network("a", "b", "c") as hosts:
        hosts.partition("a", "bc")     # packets between the two sides are lost
        hosts.heal()

Namespaces are called after the process that made them: what a killed one left behind is removed by the next one. A host's workers
are asked from the host itself, which no fault of the network keeps from answering.
"""

import contextlib
import ctypes
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.vmesh.mesh.workers import PATIENCE, Worker, eventually
from vmesh.admin.client import Client

PREFIX = "vmesh-test"
NAMESPACES = Path("/run/netns")
SUBNET = "10.213.0"
CLONE_NEWNET = 0x40000000
PORT = 7100  # of every host's first worker
LOSSES = "table bridge losses"


def run(*words, text=None):
    result = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(words)}: {result.stderr}"
    return result.stdout


@functools.cache
def hindrance():
    """Why there can be no hosts here; empty: nothing hinders."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    absent = [program for program in ("ip", "tc", "nft") if shutil.which(program) is None]
    if absent:
        return f"needs {', '.join(absent)}; tools/packages install gets them"
    try:
        with network("a", "b") as hosts:
            hosts.partition("a", "b")
    except AssertionError as error:
        return f"namespaces, bridges or nftables cannot be used here: {error}"
    return ""


def needed():
    """The mark of tests that need hosts."""
    return pytest.mark.skipif(bool(hindrance()), reason=hindrance())


class Host:
    """One namespace with an address at the bridge. Workers are started in it, and asked from inside."""

    def __init__(self, name, namespace, address):
        self.name, self.namespace, self.address = name, namespace, address
        self.prefix = ("ip", "netns", "exec", namespace)
        self._inside = ThreadPoolExecutor(1, f"host-{name}", self._enter)
        self._clients = {}

    @property
    def seed(self):
        """Where its first worker listens."""
        return f"{self.address}:{PORT}"

    def _enter(self):
        """This thread's sockets, and those of the threads that it starts, are the host's from now on."""
        with open(NAMESPACES / self.namespace) as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def outcome(self, admin, keys, command, timeout, arguments):
        """What an administrator on this host is told."""
        return self._inside.submit(self._ask, admin, keys, command, timeout, arguments).result()

    def _ask(self, admin, keys, command, timeout, arguments):
        client = self._clients.get((admin, keys)) or self._clients.setdefault((admin, keys), Client(admin, keys))
        return client.outcome(command, arguments, timeout)

    def pids(self):
        return [int(pid) for pid in run("ip", "netns", "pids", self.namespace).split()]

    def close(self):
        for client in self._clients.values():
            self._inside.submit(client.close).result()
        self._clients.clear()
        self._inside.shutdown()


class Hosts:
    """The hosts of one network by name: `hosts["a"]`; groups of them are written like "ab". Made by `network`."""

    def __init__(self, names):
        self._namespaces = {name: f"{PREFIX}-{os.getpid()}-{name}" for name in ("bridge", *names)}
        self._bridge = self._namespaces["bridge"]
        self._hosts = {}
        self._losses = {}

    def __getitem__(self, name):
        return self._hosts[name]

    def __iter__(self):
        return iter(self._hosts.values())

    def build(self):
        run("ip", "netns", "add", self._bridge)
        run("ip", "-n", self._bridge, "link", "add", "name", "bridge", "type", "bridge")
        run("ip", "-n", self._bridge, "link", "set", "bridge", "up")
        for number, name in enumerate(list(self._namespaces)[1:], 1):
            self._build_host(name, f"{SUBNET}.{number}")

    def _build_host(self, name, address):
        namespace = self._namespaces[name]
        run("ip", "netns", "add", namespace)
        line = ("name", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", namespace)
        run("ip", "-n", self._bridge, "link", "add", *line)
        run("ip", "-n", self._bridge, "link", "set", f"to-{name}", "master", "bridge", "up")
        for words in (("link", "set", "lo", "up"), ("link", "set", "eth0", "up"), ("addr", "add", f"{address}/24", "dev", "eth0")):
            run("ip", "-n", namespace, *words)
        self._hosts[name] = Host(name, namespace, address)

    # --- faults ---

    def lose(self, percent, senders, receivers):
        """Of the packets from each of these hosts to each of those, so many are lost: 100 is a cut in one direction."""
        self._losses |= {(sender, receiver): percent for sender in senders for receiver in receivers if sender != receiver}
        self._apply_losses()

    def partition(self, one, other):
        """Nothing passes between the two sides, in silence."""
        self.lose(100, one, other)
        self.lose(100, other, one)

    def heal(self):
        """No packet is lost any more."""
        self._losses.clear()
        self._apply_losses()

    def _apply_losses(self):
        """All rules at once, in place of those before."""
        rules = "".join(
            f'iifname "to-{sender}" oifname "to-{receiver}" {f"numgen random mod 100 < {percent} " * (percent < 100)}drop; '
            for (sender, receiver), percent in self._losses.items()
        )
        chain = f"chain forward {{ type filter hook forward priority 0; {rules} }}"
        script = f"add {LOSSES}\ndelete {LOSSES}\n{LOSSES} {{ {chain}; }}\n"
        run("ip", "netns", "exec", self._bridge, "nft", "-f", "-", text=script)

    def slow_down(self, name, rate):
        """What goes to that host passes a bucket of so many bits per second, and waits there for up to a second."""
        words = ("root", "tbf", "rate", rate, "burst", "4kb", "latency", "1s")
        run("tc", "-n", self._bridge, "qdisc", "replace", "dev", f"to-{name}", *words)

    def held_up(self, name):
        """Packets that found the bucket empty."""
        (bucket,) = json.loads(run("tc", "-n", self._bridge, "-s", "-j", "qdisc", "show", "dev", f"to-{name}"))
        return bucket["overlimits"]

    def speed_up(self, name):
        run("tc", "-n", self._bridge, "qdisc", "del", "dev", f"to-{name}", "root")

    def cut_power(self, name):
        """The host falls silent in the middle of a word, and all its processes are dead."""
        run("ip", "-n", self._bridge, "link", "set", f"to-{name}", "down")
        kill_all(self._namespaces[name])

    def restore_power(self, name):
        """The host is on the network again, without any process."""
        run("ip", "-n", self._bridge, "link", "set", f"to-{name}", "up")

    # --- the end ---

    def empty(self):
        """No process runs in a host any more."""
        return not any(host.pids() for host in self)

    def remove(self):
        for host in self:
            host.close()
        for namespace in self._namespaces.values():
            remove(namespace)


@contextlib.contextmanager
def network(*names):
    """Hosts of these names. At the end all processes in them are killed and the namespaces removed."""
    remove_leftovers()
    hosts = Hosts(names)
    try:
        hosts.build()
        yield hosts
    finally:
        hosts.remove()


def remove_leftovers():
    """Namespaces whose maker was killed go, with what runs in them."""
    for path in NAMESPACES.glob(f"{PREFIX}-*"):
        found = re.fullmatch(rf"{PREFIX}-([0-9]+)-\w+", path.name)
        if found and not Path("/proc", found[1]).exists():
            remove(path.name)


def remove(namespace):
    if (NAMESPACES / namespace).exists():
        kill_all(namespace)
        run("ip", "netns", "delete", namespace)


def kill_all(namespace):
    """Kills what runs there until nothing does."""
    end = time.monotonic() + PATIENCE
    while pids := run("ip", "netns", "pids", namespace).split():
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        assert time.monotonic() < end, f"{pids} of {namespace} cannot be killed"
        time.sleep(0.01)


class HostWorker(Worker):
    """A worker on a host, listening at the host's address with the host's keys."""

    def __init__(self, folder, host, index, seeds, keys, options=(), **settings):
        self.place, self.keys = host, keys
        network = (f"network.bind={host.address}", f"network.port={PORT}", f"network.keys={keys.of(host)}")
        words = [word for setting in network for word in ("--set", setting)]
        super().__init__(
            folder / host.name, index, seeds, host=host.name, prefix=host.prefix, options=(*words, *options), **settings
        )

    def outcome(self, command, timeout=PATIENCE, **arguments):
        """What an administrator on the worker's host is told."""
        return self.place.outcome(self.admin, self.keys.admin, command, timeout, arguments)

    def ask(self, command, timeout=PATIENCE, **arguments):
        return self.outcome(command, timeout, **arguments).result


@contextlib.contextmanager
def host_mesh(folder, hosts, keys, places, **settings):
    """A worker on each of these places, such as "aabbc". The first workers of the first two hosts are everyone's seeds.

    In the end those that run are asked to leave.
    """
    seeds = [hosts[name].seed for name in list(dict.fromkeys(places))[:2]]
    with contextlib.ExitStack() as running:
        workers = [
            running.enter_context(HostWorker(folder, hosts[name], places[:number].count(name), seeds, keys, **settings))
            for number, name in enumerate(places)
        ]
        for worker in workers:
            worker.wait_ready()
        eventually(lambda: all(worker.neighbours() for worker in workers))
        yield workers
        leave(hosts, [worker for worker in workers if worker.running])


def leave(hosts, workers):
    """Whoever is asked to leave leaves with status 0, and nothing of it stays."""
    for worker in workers:
        worker.process.send_signal(signal.SIGTERM)
    assert [worker.process.wait(PATIENCE) for worker in workers] == [0] * len(workers)
    eventually(hosts.empty)
