"""Checkpoints of a running worker: when they are due, what became of the last one, and the last one of all on leaving."""

from __future__ import annotations

import logging
import math
import os
import time
from concurrent.futures import Future
from typing import Any

from vgp.errors import VgpError
from vgp.island import Island
from vgp.model import fitted
from vmesh.checkpoints import Copier, Files
from vmesh.evolution import Evolution, explained
from vmesh.settings import Worker

log = logging.getLogger(__name__)

STANDSTILL = 2.0  # seconds that a tick may take to end when it is cut short
COPY_TIME = 1.5  # seconds that a copy may take on leaving


class Keeping:
    """Writes a checkpoint of the island now and then through the evolution thread, and has it copied. For the network thread."""

    def __init__(self, files: Files, copier: Copier | None) -> None:
        self.files = files
        self.copier = copier
        self.error: str | None = None
        self.written: float | None = None  # seconds since the epoch
        self.bytes = self.tick = 0  # of the last checkpoint
        self._settings = Worker()
        self._last = 0.0
        self._running: Future[None] | None = None
        self._evolution: Evolution | None = None

    def begin(self, evolution: Evolution, settings: Worker, now: float) -> None:
        """Names the evolution whose island is kept."""
        self._evolution, self._settings, self._last = evolution, settings, now

    def configure(self, settings: Worker) -> None:
        """Takes another interval and number of files from now on."""
        self._settings = settings

    def next_timer(self) -> float:
        return math.inf if self._running is not None else self._last + self._settings.checkpoint_interval

    def advance(self, now: float) -> None:
        """Begins a checkpoint when one is due. A disk that is full for a while ends nothing."""
        if self._running is not None and self._running.done():
            self._running = None
        if self._running is None and self._evolution is not None and now >= self._last + self._settings.checkpoint_interval:
            self._last = now
            self._running = self.write(self._evolution)

    def write(self, evolution: Evolution) -> Future[Any]:
        """A checkpoint between two ticks; its future fails with what went wrong."""
        future = evolution.submit(self._write)
        future.add_done_callback(self._noted)
        return future

    def conclude(self, evolution: Evolution) -> None:
        """The last checkpoint and the front, after evolution has ended. Errors are logged: leaving goes on."""
        if not evolution.stop(STANDSTILL):
            log.error("the tick did not end within %g s; the last checkpoint is that of %s", STANDSTILL, _clock(self.written))
            return
        island = evolution.island
        try:
            self._write(island)
            write_front(island, self.files.front)
        except (VgpError, OSError, MemoryError) as error:
            log.error("the last state could not be kept: %s", explained(error))
        if self.copier is not None and not self.copier.close(COPY_TIME):
            log.warning("the copy of the last checkpoint is not complete: %s", self.copier.status()["error"] or "no time left")

    def status(self) -> dict[str, Any]:
        return {
            "path": str(self.files.checkpoint),
            "age": None if self.written is None else max(time.time() - self.written, 0.0),
            "error": self.error,
            "copy": self.copier.status() if self.copier is not None else None,
        }

    def _write(self, island: Island) -> None:
        if island.tick == 0:
            return
        island.checkpoint(self.files.checkpoint, keep=self._settings.checkpoint_keep)
        self.bytes, self.tick = os.path.getsize(self.files.checkpoint), island.tick
        self.written = time.time()
        self.error = None
        if self.copier is not None:
            self.copier.submit(self.files.checkpoint)

    def _noted(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self.error = explained(error)
            log.warning("checkpoint: %s", self.error)


def write_front(island: Island, path: str | os.PathLike[str]) -> None:
    """The island's front as a model, for whoever gathers the mesh's."""
    front = island.front()
    if len(front):
        parameters = island.parameters.as_dict()
        fitted(tuple(front), island.dataset, parameters, seed=island.seed, evaluations=island.evaluations).save(path)


def _clock(moment: float | None) -> str:
    return "never" if moment is None else time.strftime("%H:%M:%S", time.localtime(moment))
