"""The machine that the agent looks after: its services and journal, by systemd's own programs. Nothing here waits for long."""

from __future__ import annotations

import gzip
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vmesh.history.leavings import leavings

SECONDS = 15.0  # for an answer of systemd
JOURNAL_SECONDS = 30.0
JOURNAL_LINES = 50_000
UNITS = ("vmesh.service", "vmesh-agent.service", "vmesh-bootstrap.service")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """A unit as systemd sees it."""

    state: str  # active, activating, deactivating, inactive, failed; "" where systemd does not say
    result: str  # success, exit-code, oom-kill, watchdog, ...
    restarts: int

    @property
    def ended(self) -> bool:
        """Whether nothing of it runs, or will without being asked to."""
        return self.state in ("inactive", "failed")


class Host:
    """`unit`: the workers' service; `folder`: where the workers keep their histories."""

    def __init__(self, unit: str, folder: Path) -> None:
        self.unit, self.folder = unit, folder

    def service(self) -> Service:
        """How the workers' service is."""
        told = run("systemctl", "show", self.unit, "--property=ActiveState,Result,NRestarts").decode(errors="replace")
        values = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        restarts = values.get("NRestarts", "")
        return Service(values.get("ActiveState", ""), values.get("Result", ""), int(restarts) if restarts.isdecimal() else 0)

    def going_down(self) -> bool:
        """Whether the machine itself is on its way out."""
        return run("systemctl", "is-system-running").strip() == b"stopping"

    def stop(self) -> None:
        """Asks the workers to checkpoint and leave."""
        run("systemctl", "stop", "--no-block", self.unit)

    def kill(self) -> None:
        """Ends them at once."""
        run("systemctl", "kill", "--signal=SIGKILL", self.unit)

    def power_off(self) -> None:
        """Ends the machine; on EC2 the instance is then terminated."""
        run("systemctl", "--no-block", "poweroff")

    def last_words(self) -> str:
        """What the workers' service said last; empty if nothing."""
        told = run("journalctl", "--unit", self.unit, "--lines=20", "--output=cat", "--no-pager").decode(errors="replace")
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        own = [line for line in lines if line.startswith("vmesh: ")] or [line for line in lines if " ERROR " in line] or lines
        return own[-1] if own else ""

    def journal(self) -> bytes:
        """What all services of vmesh said since the machine was made, compressed by gzip."""
        units = [word for unit in UNITS for word in ("--unit", unit)]
        words = ("journalctl", *units, f"--lines={JOURNAL_LINES}", "--output=short-iso-precise", "--no-pager")
        return gzip.compress(run(*words, seconds=JOURNAL_SECONDS), 6)

    def histories(self) -> Iterator[tuple[str, bytes]]:
        """Of the workers, once they have left: (name, content compressed by gzip)."""
        return leavings(self.folder)


def run(*words: str, seconds: float = SECONDS) -> bytes:
    """The output of a program; empty if it cannot be had in time. Its exit status is of no interest."""
    try:
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("%s: %s", " ".join(words), error)
        return b""
