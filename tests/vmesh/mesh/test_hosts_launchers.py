"""`vmesh up` on two hosts that know each other by --seeds: one mesh, and each host's front is the mesh's."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from tests.vmesh.mesh import law
from tests.vmesh.mesh.host_keys import ClusterKeys
from tests.vmesh.mesh.hosts import PORT, needed, network
from tests.vmesh.mesh.workers import PATIENCE, ROOT, eventually
from vgp.model import Model

pytestmark = needed()


class Up:
    """A launcher with two workers on a host."""

    def __init__(self, folder, host, keys, table, seeds):
        self.host, self.keys, self.folder = host, keys, folder / host.name
        self.folder.mkdir()
        self.model = self.folder / "model.json"
        settings = (f"network.bind={host.address}", f"network.port={PORT}", f"network.keys={keys.of(host)}")
        words = ["vmesh", "up", table, "--target", "y", "--workers", "2", "--memory", "1G", "--hostname", host.name]
        words += ["--seeds", ",".join(seeds), "--checkpoint-dir", self.folder / "state", "--save", self.model, "--preset", "local"]
        words += [word for setting in settings for word in ("--set", setting)]
        environment = {"XDG_RUNTIME_DIR": self.folder, "XDG_CACHE_HOME": self.folder, **os.environ}
        with open(self.folder / "log", "wb") as log, open(self.folder / "printed", "wb") as printed:
            self.process = subprocess.Popen(
                [*host.prefix, sys.executable, "-m", *words, *law.SETTINGS],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=log,
            )
        self.admins = [f"{host.address}:{PORT + 2 * index + 1}" for index in (0, 1)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(PATIENCE)

    def log(self):
        return (self.folder / "log").read_text()

    def ask(self, index, command, **arguments):
        """A worker's answer, once it gives one."""

        def answer():
            assert self.process.poll() is None, self.log()
            answer = self.host.outcome(self.admins[index], self.keys.admin, command, PATIENCE, arguments).answer
            return answer is not None and answer.ok and answer

        return eventually(answer).result

    def known(self, index):
        """The names of all workers that this one knows of."""
        peers = self.ask(index, "peers")
        return {member["name"] for member in (peers["self"], *peers["active"], *peers["passive"])}


@pytest.fixture
def both(tmp_path):
    """Each is told of the other one's workers, and which of them begins does not matter."""
    keys, table = ClusterKeys(tmp_path / "keys", "ab"), law.write_table(tmp_path / "law.csv")
    with network("a", "b") as hosts:
        seeds = {name: [f"{hosts[name].address}:{PORT + 2 * index}" for index in (0, 1)] for name in "ab"}
        with Up(tmp_path, hosts["a"], keys, table, seeds["b"]) as one, Up(tmp_path, hosts["b"], keys, table, seeds["a"]) as other:
            yield one, other


def test_two_launchers_make_one_mesh_that_outlives_each_of_them(both):
    one, other = both
    everyone = {"a/0", "a/1", "b/0", "b/1"}
    for up in both:
        for index in (0, 1):
            eventually(lambda up=up, index=index: up.known(index) == everyone)

    one.ask(0, "inject", formulas=[law.FORMULAS[0]])
    for index in (0, 1):
        eventually(lambda index=index: other.ask(index, "best")["loss"] < law.BOUNDS[0])

    one.process.kill()
    eventually(lambda: not one.host.pids())
    for index in (0, 1):
        eventually(lambda index=index: not {"a/0", "a/1"} & {member["name"] for member in other.ask(index, "peers")["active"]})
    tick = other.ask(0, "status")["tick"]
    eventually(lambda: other.ask(0, "status")["tick"] > tick)

    other.process.send_signal(signal.SIGTERM)
    assert other.process.wait(PATIENCE) == 0, other.log()
    eventually(lambda: not other.host.pids())
    assert "Traceback" not in one.log() + other.log()
    assert min(entry.loss for entry in Model.load(other.model).entries) < law.BOUNDS[0]
    assert "sin(" in (other.folder / "printed").read_text()
