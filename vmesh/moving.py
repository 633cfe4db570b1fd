"""A worker's move to another table: announced by an administrator or a neighbour, fetched aside, taken up between two ticks.

announced -> fetched and checked (a thread of its own; evolution goes on) -> moved (evolution thread) -> told and remembered
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from vgp.errors import CheckpointError, InputError
from vgp.island import Island
from vmesh.data import Announcements, Prepared, remember
from vmesh.errors import MeshError
from vmesh.evolution import Evolution, explained
from vmesh.messages import DataAnnouncement, DataVersion, Member
from vmesh.outputs import Output
from vmesh.population import columns_of

log = logging.getLogger(__name__)

Prepare = Callable[..., Prepared]


@dataclass
class Job:
    """One table on its way into the island. `asked`: the administrator's future, if it was one who asked."""

    fetching: Future[Prepared]
    announcement: DataAnnouncement | None
    asked: Future[dict[str, Any]] | None = None
    moving: Future[None] | None = None


class Moving:
    """Which table the island evolves on, and the way to the next one. Called from the network thread.

    Args:
        announcements: the protocol's state.
        prepared: the table in use.
        prepare: fetches a table of the same columns: (url, checksum or None) -> Prepared.
        memory: where the newest announcement is kept for the next start.
    """

    def __init__(
        self,
        announcements: Announcements,
        prepared: Prepared,
        prepare: Prepare,
        evolution: Evolution,
        memory: Path,
        wake: Callable[[], None],
    ) -> None:
        self.announcements = announcements
        self.prepared = prepared
        self._prepare, self._evolution, self._memory, self._wake = prepare, evolution, memory, wake
        self._job: Job | None = None
        self._tell: Callable[[], None] = lambda: None

    def when_moved(self, tell: Callable[[], None]) -> None:
        """Names who is told of every move that is done: losses of before mean nothing then."""
        self._tell = tell

    # --- the mesh ---

    def link_up(self, member: Member) -> Sequence[Output]:
        return self.announcements.link_up(member)

    def receive(self, sender: Member, message: DataVersion | DataAnnouncement, active: Sequence[Member]) -> Sequence[Output]:
        return self.announcements.receive(sender, message, active)

    def next_timer(self) -> float:
        return self.announcements.next_timer()

    def advance(self, now: float, active: Sequence[Member]) -> list[Output]:
        """Takes the job a step further, or begins the next one."""
        outputs: list[Output] = list(self.announcements.advance(now, active))
        if self._job is None and (pending := self.announcements.pending(now)) is not None:
            log.info("the mesh has a new table, version %d: %s", pending.version, pending.url)
            self._job = self._begin(pending.url, pending.checksum, pending)
        if self._job is not None:
            try:
                outputs += self._further(self._job, now, active)
            except Exception as error:
                self._give_up(self._job, error, now)
        return outputs

    # --- an administrator ---

    def announce(self, url: str, checksum: str | None) -> Future[dict[str, Any]]:
        """Fetches and checks a table, then makes it the mesh's next one. Raises InputError for one from a place not allowed."""
        self.announcements.check_place(url)
        asked: Future[dict[str, Any]] = Future()
        if self._job is not None:
            asked.set_exception(MeshError("this worker is moving to another table; try again in a moment"))
        else:
            self._job = self._begin(url, checksum, None, asked)
        return asked

    def status(self) -> dict[str, Any]:
        dataset = self.prepared.dataset
        return {**self.announcements.status(), "rows": dataset.n_rows, "columns": list(dataset.names), "target": dataset.target}

    # --- one job ---

    def _begin(
        self, url: str, checksum: str | None, announcement: DataAnnouncement | None, asked: Future[dict[str, Any]] | None = None
    ) -> Job:
        job = Job(in_background(partial(self._prepare, url, checksum=checksum)), announcement, asked)
        job.fetching.add_done_callback(lambda _: self._wake())
        return job

    def _further(self, job: Job, now: float, active: Sequence[Member]) -> Sequence[Output]:
        """What follows the step that is done, if it is."""
        if job.moving is None:
            return self._fetched(job, active) if job.fetching.done() else ()
        if job.moving.done():
            job.moving.result()
            self._moved(job)
        return ()

    def _fetched(self, job: Job, active: Sequence[Member]) -> Sequence[Output]:
        prepared = job.fetching.result()
        outputs: Sequence[Output] = ()
        used = self.prepared.dataset
        if columns_of(prepared.dataset) != columns_of(used):
            wanted = ", ".join(used.names)
            raise InputError(f"{prepared.url}: has other columns; the mesh's organisms are about {used.target} by {wanted}")
        if job.announcement is None:
            outputs = self.announcements.announce(prepared.url, prepared.checksum, active)
            job.announcement = self.announcements.newest
            if job.asked is not None:
                job.asked.set_result(self._told(job.announcement, prepared))
                job.asked = None
        job.moving = self._evolution.submit(partial(self._move, prepared))
        return outputs

    def _told(self, announcement: DataAnnouncement, prepared: Prepared) -> dict[str, Any]:
        return {
            "version": announcement.version,
            "url": announcement.url,
            "checksum": announcement.checksum,
            "rows": prepared.dataset.n_rows,
        }

    def _move(self, prepared: Prepared, island: Island) -> None:
        """In the evolution thread: the same population on the other table."""
        successor = island.moved(prepared.dataset, data_file=prepared.data_file)
        try:
            if not len(successor.living()):
                successor.create()
        except BaseException:
            successor.close()
            raise
        self._evolution.population.use(successor)
        island.close()

    def _moved(self, job: Job) -> None:
        assert job.announcement is not None
        self._job, self.prepared = None, job.fetching.result()
        self.announcements.moved(job.announcement)
        self._tell()
        log.info("evolving on version %d of the table, %d rows", job.announcement.version, self.prepared.dataset.n_rows)
        try:
            remember(self._memory, job.announcement)
        except CheckpointError as error:
            log.warning("%s", error)

    def _give_up(self, job: Job, error: Exception, now: float) -> None:
        self._job = None
        reason = explained(error)
        if job.asked is not None:
            job.asked.set_exception(error)
        if job.announcement is not None:
            self.announcements.failed(job.announcement, reason, now)
            log.warning("version %d of the table cannot be used: %s", job.announcement.version, reason)


def in_background(prepare: Callable[[], Prepared]) -> Future[Prepared]:
    """Its result, from a thread that nobody waits for: a storage service that hangs must not keep a worker from ending."""
    future: Future[Prepared] = Future()

    def run() -> None:
        try:
            future.set_result(prepare())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="data", daemon=True).start()
    return future
