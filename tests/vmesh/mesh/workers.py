"""Real workers for tests: processes on loopback (or in a network namespace), asked through a plain REQ socket.

Every worker is ended by its own id when its block ends, and with it everything in its process group.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import zmq

from vmesh.security.curve import prove_key
from vmesh.security.key_folder import admin_keys

ROOT = Path(__file__).parents[3]
PLANETS = ROOT / "examples" / "planets.csv"
TARGET = "orbital_period_days"
PATIENCE = 30.0  # seconds for what normally takes a fraction of one, on a busy machine


class Worker:
    """One `vmesh worker` process. `prefix` is put before its command line, for example `ip netns exec NAME`."""

    def __init__(
        self,
        folder,
        index,
        seeds=(),
        *,
        host="test",
        options=(),
        prefix=(),
        data=PLANETS,
        target=TARGET,
        environment=(),
        keys=None,
    ):
        self.folder, self.index, self.host, self.keys = Path(folder), index, host, keys
        reading, writing = os.pipe()
        self.log_path = self.folder / f"{host}-{index}.log"
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            *prefix,
            *(sys.executable, "-m", "vmesh", "worker", "--checkpoint-dir", str(self.folder), "--hostname", host),
            *("--index", str(index), "--data", str(data), "--target", target, "--ready-fd", str(writing)),
            *(("--seeds", ",".join(seeds)) if seeds else ()),
            *("--preset", "local", "--set", "network.port=0", "--set", f"worker.cache={self.folder / 'cache'}"),
            *(("--set", f"network.keys={keys}") if keys else ()),
            *options,
        ]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[writing],
                start_new_session=True,
                env={**os.environ, **dict(environment)},
            )
        os.close(writing)
        self._ready = reading
        self.address = self.admin = ""
        self.name = f"{host}/{index}"

    def wait_ready(self):
        """Until it takes part; its addresses are known then."""
        with open(self._ready, encoding="utf-8") as file:
            line = file.readline()
        self._ready = -1
        assert line, f"{self.name} did not start:\n{self.log()}"
        told = json.loads(line)
        self.address, self.admin = told["address"], told["admin"]
        return self

    def log(self):
        return self.log_path.read_text()

    def ask(self, command, timeout=PATIENCE, **arguments):
        """The result of an administrator's command."""
        answer = ask(self.admin, command, timeout, self.keys, **arguments)
        assert answer["ok"], answer
        return answer["result"]

    def best(self):
        return self.ask("status")["best_loss"]

    def neighbours(self):
        return {member["name"] for member in self.ask("peers")["active"]}

    @property
    def running(self):
        return self.process.poll() is None

    def kill(self):
        """Like a power cut for this process; its sandbox ends with it."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def terminate(self):
        """Politely; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        if self._ready >= 0:
            os.close(self._ready)
            self._ready = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(address, command, timeout=PATIENCE, keys=None, **arguments):
    """One request over a REQ socket of its own; the whole answer. `keys`: the folder that proves who asks."""
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        if keys is not None:
            proved = admin_keys(Path(keys))
            prove_key(socket, proved.client, proved.server)
        socket.connect(f"tcp://{address}")
        socket.send_json({"vmesh": 1, "command": command, "arguments": arguments})
        assert socket.poll(timeout * 1000), f"no answer to {command} from {address}"
        return socket.recv_json()


def eventually(condition, seconds=PATIENCE):
    """Until the condition holds, which is then given back; fails with the last value after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"still {value!r} after {seconds:g} s"
        time.sleep(0.05)


@contextlib.contextmanager
def mesh(folder, count, **settings):
    """`count` workers on this machine, each with the first two as seeds; all are neighbours of each other, directly or not."""
    with contextlib.ExitStack() as running:
        workers = []
        for index in range(count):
            seeds = [worker.address for worker in workers[:2]]
            workers.append(running.enter_context(Worker(folder, index, seeds, **settings)).wait_ready())
        eventually(lambda: all(worker.neighbours() for worker in workers) or count == 1)
        yield workers
