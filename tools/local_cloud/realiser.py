"""Makes moto's instances real: looks at what should be and what is, and begins what is missing.

    EC2 says         the host           what is begun
    running          is not there       make and boot it
    running          was stopped        boot it again
    running          ended by itself    EC2 is told: terminated or stopped, as its shutdown behaviour says
    stopping         is on              shut it down; then EC2 is told: stopped
    shutting-down    is there           shut it down and remove it; then EC2 is told: terminated

One thing at a time is done to a host, several hosts at once. Nothing here waits for a host.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from moto.ec2.models.instances import Instance

from tools.local_cloud import catalogue, cgroups, ec2
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.host import Design, Host
from tools.local_cloud.state import State

AT_ONCE = 8
LOOK = 0.25  # seconds between looks when nothing happens: a host that switches itself off is noticed by looking
PATIENCE = 20.0  # seconds that a host may take to shut down
Log = Callable[[str], None]
LayersOf = Callable[[str], list[Path]]
BindsOf = Callable[[str], list[str]]


@dataclass
class Entry:
    """One instance's host, and whether something is being done to it."""

    host: Host
    busy: bool = False
    made: bool = False


class Realiser:
    """`layers_of` gives the base image and `binds_of` the folders that an instance's host gets."""

    def __init__(self, state: State, layers_of: LayersOf, binds_of: BindsOf, log: Log) -> None:
        self.state, self.layers_of, self.binds_of, self.log = state, layers_of, binds_of, log
        self.entries: dict[str, Entry] = {}
        self.wake = threading.Event()
        self.ended = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, "host")
        self._interruptions: dict[str, float] = {}

    def run(self) -> None:
        """Until `ended` is set."""
        while not self.ended.is_set():
            self.wake.wait(LOOK)
            self.wake.clear()
            for instance in ec2.instances():
                self.look_at(instance)
            self.interrupt()

    def look_at(self, instance: Instance) -> None:
        if instance.state == "terminated":
            return
        entry = self.entries.get(instance.id)
        if entry is None:
            entry = self.entries[instance.id] = Entry(Host(self.state, instance.id))
        if not entry.busy and (work := self.missing(instance, entry)):
            entry.busy = True
            self._pool.submit(self.do, work, instance, entry)

    def missing(self, instance: Instance, entry: Entry) -> Callable[[Instance, Entry], None] | None:
        on = entry.made and entry.host.running()
        match instance.state:
            case "pending" | "running" if not entry.made:
                return self.make
            case "running" if not on:
                return self.went_off if entry.host.process else self.boot
            case "stopping":
                return self.stop
            case "shutting-down":
                return self.end
        return None

    def do(self, work: Callable[[Instance, Entry], None], instance: Instance, entry: Entry) -> None:
        began = time.monotonic()
        try:
            work(instance, entry)
            self.log(f"{instance.id} {instance.private_ip}: {work.__name__} took {time.monotonic() - began:.2f} s")
        except (LocalCloudError, OSError) as error:
            self.log(f"{instance.id}: {work.__name__} failed: {error}")
            ec2.set_state(instance, "shutting-down")
            time.sleep(1.0)  # what fails at once must not be tried in a frenzy
        finally:
            entry.busy = False
            self.wake.set()

    def make(self, instance: Instance, entry: Entry) -> None:
        tags = ec2.tags_of(instance)
        role = tags.get("vcloud-role", "node")
        key = ec2.backend().key_pairs.get(instance.key_name or "")
        design = Design(
            name=instance.id,
            address=instance.private_ip or "",
            layers=[str(layer) for layer in self.layers_of(role)],
            hostname=instance.private_dns_name.partition(".")[0],
            owner="instance",
            user=catalogue.user_of(instance.image_id),
            public_keys=[key.public_key] if key else [],
            binds=self.binds_of(role),
            on_ec2=True,
        )
        entry.host.create(design)
        entry.host.boot()
        entry.made = True

    def boot(self, instance: Instance, entry: Entry) -> None:
        cgroups.end(entry.host.label)
        entry.host.boot()

    def went_off(self, instance: Instance, entry: Entry) -> None:
        entry.host.power_cut()
        entry.host.process = None
        stops = instance.instance_initiated_shutdown_behavior == "stop"
        instance.stop() if stops else instance.terminate()
        instance._reason = "Client.InstanceInitiatedShutdown: Instance initiated shutdown"

    def stop(self, instance: Instance, entry: Entry) -> None:
        entry.host.power_off(PATIENCE)
        entry.host.process = None
        ec2.set_state(instance, "stopped")

    def end(self, instance: Instance, entry: Entry) -> None:
        if entry.made:
            entry.host.power_off(PATIENCE)
        entry.host.remove()
        self.entries.pop(instance.id, None)
        ec2.set_state(instance, "terminated")

    def restart(self, instance_id: str) -> None:
        """RebootInstances: returns at once."""
        entry = self.entries.get(instance_id)
        if entry:
            entry.host.restart()

    def power_cut(self, instance_id: str, restart: bool) -> None:
        """End a host like a loss of power. Then EC2 says what its shutdown behaviour says; `restart`: it boots again instead."""
        entry = self.entries.get(instance_id)
        if entry is None or not entry.host.running():
            raise LocalCloudError(f"{instance_id} has no running host here; status lists those that do")
        entry.busy = True
        try:
            entry.host.power_cut()
            if restart:
                entry.host.process = None
        finally:
            entry.busy = False
            self.wake.set()

    def interrupt_later(self, instance_id: str, seconds: float) -> None:
        """A spot instance's end, that long from now."""
        self._interruptions[instance_id] = time.monotonic() + seconds

    def interrupt(self) -> None:
        now = time.monotonic()
        for instance_id in [key for key, due in self._interruptions.items() if due <= now]:
            del self._interruptions[instance_id]
            instance = ec2.find(instance_id)
            if instance and instance.state == "running":
                instance.terminate()
                instance.state_reason.code = "Server.SpotInstanceTermination"
                instance.state_reason.message = "Server.SpotInstanceTermination: Spot instance termination"

    def close(self) -> None:
        """Stop looking and wait for what is being done."""
        self.ended.set()
        self.wake.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
