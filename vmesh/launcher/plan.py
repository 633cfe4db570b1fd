"""What a launcher is going to start: settled before the first process, and shown."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vmesh import memory, notify
from vmesh.addresses import join
from vmesh.options import Columns, mesh_port
from vmesh.settings import Settings
from vmesh.sources import changes, variables
from vmesh.values import to_text

MOST_SEEDS = 4
WORKER_PROGRAM = (sys.executable, "-m", "vmesh", "worker")
# what a library does with the memory of a process that has one busy thread
QUIET_LIBRARIES = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Plan:
    """The workers of one machine. `settings` are theirs, with ports and memory worked out."""

    hostname: str
    workers: int
    data: str
    columns: Columns
    checkpoint_dir: Path
    settings: Settings
    data_checksum: str | None = None
    seeds: tuple[str, ...] = ()  # of the rest of the mesh
    program: tuple[str, ...] = WORKER_PROGRAM

    def name(self, index: int) -> str:
        """A worker's name in the mesh."""
        return f"{self.hostname}/{index}"

    def address(self, index: int) -> str:
        """Where a worker will receive messages; empty if the system chooses the port."""
        port = mesh_port(self.settings.network.port, index)
        return join(self.reachable, port) if port else ""

    @property
    def reachable(self) -> str:
        """The host that others on this machine and elsewhere reach its workers at."""
        network = self.settings.network
        return network.advertise or {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"}.get(network.bind, network.bind)

    def command(self, index: int, known: Sequence[str], ready_fd: int, lifeline_fd: int) -> list[str]:
        """The command line of a worker; `known`: addresses of other workers here."""
        seeds = tuple(dict.fromkeys((*known[:MOST_SEEDS], *self.seeds)))
        words = [
            *self.program,
            *("--hostname", self.hostname, "--index", str(index)),
            *("--data", self.data, "--checkpoint-dir", str(self.checkpoint_dir)),
            *("--ready-fd", str(ready_fd), "--lifeline-fd", str(lifeline_fd)),
            *self._columns(),
        ]
        if seeds:
            words += ["--seeds", ",".join(seeds)]
        if self.data_checksum:
            words += ["--data-checksum", self.data_checksum]
        for name, value in changes(self.settings).items():
            words += ["--set", f"{name}={to_text(value)}"]
        return words

    def _columns(self) -> list[str]:
        columns = self.columns
        words = [f"--target={columns.target}"]
        words += [f"--columns={names}" for names in columns.columns or ()]
        words += [f"--drop={name}" for name in columns.drop]
        return words + ([f"--weights={columns.weights}"] if columns.weights is not None else [])

    def environment(self, own: Mapping[str, str] | None = None) -> dict[str, str]:
        """A worker's environment: what it shall do is on its command line, and what systemd tells the launcher is not for it."""
        own = os.environ if own is None else own
        hidden = {*variables(own), *notify.VARIABLES}
        return QUIET_LIBRARIES | {name: value for name, value in own.items() if name not in hidden}

    def described(self) -> str:
        """One line for the user."""
        network = self.settings.network
        last = mesh_port(network.port, self.workers) - 1
        ports = f"ports {network.port}-{last}" if network.port else "free ports"
        return (
            f"{self.workers} worker{'s' if self.workers > 1 else ''} on {network.bind}, {ports}, "
            f"{memory.text(self.settings.worker.memory)} of memory each, checkpoints in {self.checkpoint_dir}"
        )
