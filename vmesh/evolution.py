"""The thread that evolves: between two ticks it runs commands and takes immigrants in; the ticks themselves hold no GIL.

    network thread                                evolution thread
      submit(command) -> Future      ------->       run it between two ticks
      population.deliver(record)     ------->       import it, report in `reports`, wake the network thread
      stop()                         ------->       cut the tick short, end

Everything that changes the island goes through here; readers of the island may be called from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from vgp.errors import RecordError, VgpError
from vgp.island import ImportReport, Island
from vmesh.errors import MeshError
from vmesh.log import described
from vmesh.population import IslandPopulation
from vmesh.priority import step_back
from vmesh.settings import Exchange

INTERRUPT_INTERVAL = 0.1  # seconds until a tick that goes on is cut short once more

T = TypeVar("T")
log = logging.getLogger(__name__)


class Evolution:
    """Advances an island in a thread of its own until `stop`.

    Args:
        population: the island, with the inbox of immigrants.
        exchange: how immigrants are taken in: replacement, protection.
        wake: called from the evolution thread when there is news for the network thread.
        niceness: of the thread and the sandbox, see vmesh/priority.py.
    """

    def __init__(self, population: IslandPopulation, exchange: Exchange, wake: Callable[[], None], niceness: int = 0) -> None:
        self.population = population
        self.exchange = exchange
        self.failure: BaseException | None = None
        #: (delivery, what became of it; None: it was no record), for Exchange.taken_in
        self.reports: deque[tuple[int, ImportReport | None]] = deque()
        self._wake = wake
        self._niceness = niceness
        self._commands: deque[tuple[Callable[[Island], Any], Future[Any]]] = deque()
        self._something = threading.Condition()
        self._paused = False
        self._steps: deque[list[Any]] = deque()  # [ticks left, Future], of `advance`
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="evolution", daemon=True)

    @property
    def island(self) -> Island:
        return self.population.island

    @property
    def paused(self) -> bool:
        return self._paused

    def start(self) -> None:
        self._thread.start()

    def submit(self, command: Callable[[Island], T]) -> Future[T]:
        """Runs command(island) between two ticks. The future fails with MeshError when evolution ends first."""
        future: Future[T] = Future()
        self._queue(self._commands, (command, future), future)
        return future

    def pause(self) -> None:
        """No more ticks, except those asked for by `advance`; commands and immigrants are still served."""
        self._paused = True

    def resume(self) -> None:
        with self._something:
            self._paused = False
            self._something.notify()

    def advance(self, ticks: int) -> Future[int]:
        """So many ticks more, also while paused; the future holds the tick reached."""
        future: Future[int] = Future()
        self._queue(self._steps, [ticks, future], future)
        return future

    def _queue(self, queue: deque[Any], entry: Any, future: Future[Any]) -> None:
        """Has the thread look at an entry, or fails its future where nobody will."""
        with self._something:
            if self._stopping or self.failure is not None:
                future.set_exception(leaving())
                return
            queue.append(entry)
            self._something.notify()

    def notify(self) -> None:
        """Immigrants have been delivered."""
        with self._something:
            self._something.notify()

    def stop(self, timeout: float) -> bool:
        """Cuts the tick short and ends the thread; the island is consistent then. False: it did not end in time."""
        with self._something:
            self._stopping = True
            self._something.notify()
        end = time.monotonic() + timeout
        while self._thread.is_alive():
            if time.monotonic() > end:
                self._refuse_commands()
                self.population.abandon()
                return False
            island = self.island  # may be another one by the next round: a move to a new table may be under way
            island.interrupt(True)
            self._thread.join(INTERRUPT_INTERVAL)
            island.interrupt(False)
        self._refuse_commands()
        return True

    # --- in the thread ---

    def _run(self) -> None:
        try:
            step_back(self._niceness, self.island.sandbox.report()["pid"])  # one started later has its starter's niceness
            while not self._stopping:
                self._run_commands()
                self._take_immigrants()
                self._advance_or_wait()
        except KeyboardInterrupt:
            if not self._stopping:
                self.failure = MeshError("evolution was interrupted")
        except BaseException as error:
            self.failure = error
        finally:
            if self.failure is not None:
                self._refuse_commands()
            self._wake()

    def _advance_or_wait(self) -> None:
        with self._something:
            if self._paused and not self._steps:
                if not (self._commands or self._stopping or len(self.population)):
                    self._something.wait()
                return
        self.island.advance(1)
        if self._steps:
            step = self._steps[0]
            step[0] -= 1
            if step[0] <= 0:
                self._steps.popleft()
                step[1].set_result(self.island.tick)
                self._wake()

    def _run_commands(self) -> None:
        while self._commands and not self._stopping:
            command, future = self._commands.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(command(self.island))
            except KeyboardInterrupt:
                future.set_exception(leaving())
                raise
            except Exception as error:
                future.set_exception(error)
            self._wake()

    def _take_immigrants(self) -> None:
        took = False
        while (delivered := self.population.take()) is not None:
            delivery, record = delivered
            report: ImportReport | None = None
            try:
                report = self.island.import_(record, replace=self.exchange.replacement, protection=self.exchange.protection)
            except RecordError as error:
                log.debug("a delivery was no record: %s", error)
            self.reports.append((delivery, report))
            took = True
        if took:
            self._wake()

    def _refuse_commands(self) -> None:
        """Nobody waits for what will not be done."""
        with self._something:
            futures: list[Future[Any]] = [future for _, future in self._commands] + [future for _, future in self._steps]
            self._commands.clear()
            self._steps.clear()
        for future in futures:
            if future.set_running_or_notify_cancel():
                future.set_exception(leaving())


def leaving() -> MeshError:
    """What is told to whoever asks for more."""
    return MeshError("this worker is leaving; ask another one")


def explained(error: BaseException) -> str:
    """A failure in one line, for the log and for administrators."""
    if isinstance(error, VgpError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; give each worker more (--memory, fewer --workers), or use a smaller population or table"
    return described(error)
