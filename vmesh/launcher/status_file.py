"""The launcher's status as a file for whoever watches this machine: setting `launcher.status_file`, replaced whole each second.

    {"format": 1, "written": seconds since 1970, "state": "starting" | "evolving" | "stopping",
     "workers": wanted, "workers_evolving": that evolve now, "given_up": that are not started again,
     "elapsed": s, "evaluations": n, "evaluations_per_second": x, "best_loss": x | null, "r2": x | null, "formula": "",
     "mesh": ["host:port", ...], "admin": ["host:port", ...]}

It is meant for a file system in memory: nothing is synced. That it cannot be written is told once and stops nothing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import time
from collections.abc import Sequence
from typing import Any

from vmesh.launcher.overview import Overview
from vmesh.launcher.supervisor import Slot, number

FORMAT = 1
SECONDS = 1.0  # between two writings

log = logging.getLogger(__name__)


class StatusFile:
    """`path`: empty for none."""

    def __init__(self, path: str) -> None:
        self._path, self._aside = path, f"{path}.{os.getpid()}.tmp"
        self._told = False
        self.interval = SECONDS if path else math.inf

    def write(self, overview: Overview, slots: Sequence[Slot]) -> None:
        """Replaces the file."""
        try:
            with open(self._aside, "w", encoding="utf-8") as file:
                json.dump(content(overview, slots), file, ensure_ascii=False)
            os.replace(self._aside, self._path)
        except OSError as error:
            if not self._told:
                log.warning("launcher.status_file %s cannot be written: %s", self._path, error.strerror)
            self._told = True
            with contextlib.suppress(OSError):
                os.unlink(self._aside)


def content(overview: Overview, slots: Sequence[Slot]) -> dict[str, Any]:
    """What the file says. A worker evolves from its first tick on."""
    evolving = sum(slot.ready and number(slot.status, "tick") > 0 for slot in slots)
    return {
        "format": FORMAT,
        "written": time.time(),
        "state": "stopping" if overview.stopping else "evolving" if evolving else "starting",
        "workers": overview.wanted,
        "workers_evolving": evolving,
        "given_up": overview.given_up,
        "elapsed": overview.elapsed,
        "evaluations": overview.evaluations,
        "evaluations_per_second": overview.pace,
        "best_loss": finite(overview.loss),
        "r2": finite(overview.r2),
        "formula": overview.formula,
        "mesh": [slot.address for slot in slots if slot.ready],
        "admin": [slot.admin for slot in slots if slot.ready],
    }


def finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None
