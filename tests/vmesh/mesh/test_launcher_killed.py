"""`vmesh up` with real workers: one that is killed comes back, and when the launcher is killed nothing stays."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.vmesh.mesh import processes
from tests.vmesh.mesh.standing import NOTHING_LEFT, ROUNDING
from tests.vmesh.mesh.workers import PATIENCE, PLANETS, ROOT, TARGET, ask, eventually

OPTIONS = ("--set", "network.port=0", "--set", "worker.checkpoint_interval=0.5", "--set", "launcher.restart_delay=50ms")
SMALL = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50")


class Up:
    """A launcher as a user starts it; what it says goes to a file."""

    def __init__(self, folder):
        self.folder, self.said = folder, folder / "up.log"
        command = ["up", PLANETS, "--target", TARGET, "--workers", "2", "--no-page", "--hostname", "boss"]
        command += ["--checkpoint-dir", folder / "state"]
        cache = ("--set", f"worker.cache={folder / 'cache'}")
        with open(self.said, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vmesh", *map(str, command), *OPTIONS, *SMALL, *cache],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
            )

    def lines(self, text):
        return [line for line in self.said.read_text().splitlines() if text in line]

    def admins(self):
        """Where its workers answer, once both do."""

        def known():
            for path in (self.folder / "vmesh").glob("*.json"):
                addresses = [address for address in json.loads(path.read_text())["admin_addresses"] if address]
                if len(addresses) == 2:
                    return addresses
            return None

        return eventually(known)

    def statuses(self):
        return [ask(address, "status")["result"] for address in self.admins()]

    def family(self):
        return processes.family(self.process.pid)


@pytest.fixture
def up(tmp_path):
    running = Up(tmp_path)
    yield running
    running.process.kill()
    running.process.wait(PATIENCE)


def test_a_killed_worker_comes_back_and_a_killed_launcher_takes_everything_along(up):
    before = {status["name"]: status for status in up.statuses()}
    best = max(min(status["best_loss"] for status in before.values()) * ROUNDING, NOTHING_LEFT)
    eventually(lambda: all(status["best_loss"] <= best and status["checkpoint"]["age"] is not None for status in up.statuses()))
    workers = processes.children(up.process.pid)
    assert len(workers) == 2
    victim = min(workers)
    below = processes.family(victim)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(up.lines("takes part")) == 3)
    processes.gone(below)
    assert len(up.lines("was killed by SIGKILL")) == 1
    after = {status["name"]: status for status in up.statuses()}
    assert after.keys() == before.keys()
    assert sum(after[name]["incarnation"] > before[name]["incarnation"] for name in after) == 1
    assert all(status["best_loss"] <= best for status in after.values())
    eventually(lambda: all(status["active"] == 1 for status in up.statuses()))

    everything = up.family()
    assert len(everything) == 5  # the launcher, two workers, two sandboxes
    os.kill(processes.children(up.process.pid)[0], signal.SIGSTOP)  # one that cannot end by itself
    up.process.kill()
    up.process.wait(PATIENCE)
    processes.gone(everything)
