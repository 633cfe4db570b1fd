"""Real workers for benchmarks: processes on loopback, asked as administrators ask."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vgp.benchmarks.evolution import cpu_seconds_of
from vgp.table_writing import write_csv
from vmesh.admin.client import Client
from vmesh.launcher.worker_process import WorkerProcess

ROWS, VARIABLES = 1000, 5
PATIENCE = 60.0  # seconds for a worker to start on a busy machine


class Running:
    """A worker that was started at `began`, a moment of the monotonic clock, and takes part."""

    client: Client

    def __init__(self, folder: Path, index: int, seeds: Sequence[str], settings: Sequence[str]) -> None:
        def command(readiness: int, lifeline: int) -> list[str]:
            return [
                *(sys.executable, "-m", "vmesh", "worker", "--checkpoint-dir", str(folder), "--hostname", "bench"),
                *("--index", str(index), "--data", str(folder / "table.csv"), "--target", "y", "--preset", "local"),
                *("--ready-fd", str(readiness), "--lifeline-fd", str(lifeline), "--set", "network.port=0"),
                *("--set", f"worker.cache={folder / 'cache'}", *(("--seeds", ",".join(seeds)) if seeds else ())),
                *(word for setting in settings for word in ("--set", setting)),
            ]

        self.began = time.monotonic()
        self.process = WorkerProcess(command, {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})

    def wait_ready(self) -> Running:
        """Until it takes part."""
        said: list[str] = []
        end = time.monotonic() + PATIENCE
        while not self.process.look_whether_ready():
            said += self.process.lines()
            if self.process.ended() is not None or time.monotonic() > end:
                raise RuntimeError("\n".join(["a worker did not start:", *said, *self.process.rest()]))
            time.sleep(0.002)
        assert self.process.ready is not None
        self.client = Client(self.process.ready.admin)
        return self

    @property
    def address(self) -> str:
        """Where it hears its peers."""
        assert self.process.ready is not None
        return self.process.ready.address

    def status(self) -> dict[str, Any]:
        self.process.lines()  # or its log would fill the pipe
        return dict(self.client.ask("status"))

    def cpu_seconds(self) -> float:
        """Of the worker and its sandbox, so far."""
        return cpu_seconds_of(self.process.pid) + cpu_seconds_of(self.status()["sandbox"]["pid"])

    def network_seconds(self) -> float:
        """CPU time of the network's thread, the first of the process: all that exchange costs but the evaluation of immigrants."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9

    def close(self) -> None:
        self.process.kill()
        while self.process.ended() is None:
            time.sleep(0.01)
        self.process.close()


@contextlib.contextmanager
def table() -> Iterator[Path]:
    """A folder with a table of ROWS rows: the law has more terms than a short run finds, so that evolution goes on."""
    random = np.random.default_rng(1)
    X = random.uniform(-3, 3, (ROWS, VARIABLES))
    y = X[:, 0] * np.sin(X[:, 1]) + np.exp(-(X[:, 2] ** 2)) * X[:, 3] + np.abs(X[:, 4]) ** 1.5
    with tempfile.TemporaryDirectory(prefix="vmesh-bench-") as folder:
        write_csv(Path(folder) / "table.csv", {**{f"x{i}": X[:, i] for i in range(VARIABLES)}, "y": y})
        yield Path(folder)


@contextlib.contextmanager
def workers(folder: Path, count: int, *settings: str) -> Iterator[list[Running]]:
    """`count` workers that are neighbours of each other; the first ones are the seeds of those after them."""
    with contextlib.ExitStack() as stack:
        running: list[Running] = []
        for index in range(count):
            seeds = [worker.address for worker in running[:2]]
            worker = Running(folder, index, seeds, settings)
            stack.callback(worker.close)
            running.append(worker.wait_ready())
        while count > 1 and any(worker.status()["active"] == 0 for worker in running):
            time.sleep(0.01)
        yield running
        for path in folder.glob("worker-*"):
            path.unlink()  # the next mesh begins anew
