"""Looks after the workers of one machine: starts them, hears them, starts them again, ends them. One thread, one loop.

Each worker has a slot. What becomes of one that ended is decided in respawn.py, what a process is in worker_process.py.
"""

import logging
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vmesh.launcher.overview import Overview
from vmesh.launcher.plan import Plan
from vmesh.launcher.relay import Relay
from vmesh.launcher.respawn import OVER, Ending, Respawn, State
from vmesh.launcher.stop_signals import StopSignals
from vmesh.launcher.worker_process import WorkerProcess

LONGEST_WAIT = 1.0  # seconds
FIRST_ONES = 2  # workers that the others join through
FAILED, WRONG_INPUT = 1, 2

log = logging.getLogger(__name__)


@dataclass
class Slot:
    """One worker through all its lives."""

    index: int
    name: str
    respawn: Respawn
    process: WorkerProcess | None = None
    address: str = ""  # where its peers reach it, as soon as that is known
    status: dict[str, Any] = field(default_factory=dict)  # what it said last
    before: float | None = None  # evaluations of earlier runs, which its checkpoint counts too

    @property
    def ready(self) -> bool:
        """Whether it takes part now."""
        return self.process is not None and self.process.ready is not None

    @property
    def admin(self) -> str:
        """Where it answers administrators; empty while it does not take part."""
        return self.process.ready.admin if self.process is not None and self.process.ready is not None else ""


class Supervisor:
    """`on_change` is called when workers have begun or ceased to take part. Use it as a context manager: leaving it kills all."""

    def __init__(self, plan: Plan, signals: StopSignals, relay: Relay, on_change: Callable[[], None]) -> None:
        self.plan = plan
        self._signals, self._relay, self._on_change = signals, relay, on_change
        self.slots = [Slot(i, plan.name(i), Respawn(plan.settings.launcher), address=plan.address(i)) for i in range(plan.workers)]
        self._selector = selectors.DefaultSelector()
        self._complaints: set[str] = set()
        self.stopping = False

    def __enter__(self) -> "Supervisor":
        self._selector.register(self._signals.wake_fd, selectors.EVENT_READ, None)
        return self

    def __exit__(self, *_: object) -> None:
        for _slot, process in self._running():
            process.kill()
        for slot, process in list(self._running()):
            process.ended()
            self._let_go(slot, process)
        self._selector.close()

    # --- one turn of the loop ---

    def turn(self, longest: float) -> None:
        """Starts who is due, waits for something to happen, `longest` seconds at most, and deals with it."""
        now = time.monotonic()
        for slot in self.slots:
            if slot.respawn.state is State.WAITING and slot.respawn.due <= now and not self._held_back(slot):
                self._start(slot)
        for key, _ in self._selector.select(max(0.0, min(longest, LONGEST_WAIT, self._next_start(time.monotonic())))):
            if key.data is None:
                self._signals.drain()
            else:
                self._hear(key.data)
        for slot, process in list(self._running()):
            status = process.ended()
            if status is not None:
                self._bury(slot, process, status)

    def _next_start(self, now: float) -> float:
        """Seconds until a worker is to be started."""
        waiting = [slot.respawn.due for slot in self.slots if slot.respawn.state is State.WAITING and not self._held_back(slot)]
        return min(waiting, default=now + LONGEST_WAIT) - now

    def _held_back(self, slot: Slot) -> bool:
        """Where the system chooses the ports, the first workers' addresses must be known before others can join them."""
        first = self.slots[: min(slot.index, FIRST_ONES)]
        untried = (one for one in first if not one.address and not one.respawn.failures and one.respawn.state not in OVER)
        return not slot.address and slot.respawn.failures == 0 and any(untried)

    def _start(self, slot: Slot) -> None:
        known = [one.address for one in self.slots if one is not slot and one.address and one.respawn.state not in OVER]
        try:
            process = WorkerProcess(lambda ready, line: self.plan.command(slot.index, known, ready, line), self.plan.environment())
        except OSError as error:  # no memory or process to spare: maybe later
            self._tell(slot, slot.respawn.ended(FAILED, time.monotonic()), "cannot be started", error.strerror or str(error))
            return
        slot.process = process
        slot.respawn.started(time.monotonic())
        for fd in process.open:
            self._selector.register(fd, selectors.EVENT_READ, slot)
        log.debug("%s started, process %d", slot.name, process.pid)

    def _hear(self, slot: Slot) -> None:
        process = slot.process
        if process is None:
            return  # it ended in this turn
        listened = set(process.open)
        self._pass_on(slot, process, process.lines())
        if process.look_whether_ready():
            assert process.ready is not None
            slot.address = process.ready.address
            log.info("%s takes part at %s", slot.name, slot.address)
            self._on_change()
        self._unregister(listened - process.open)

    def _unregister(self, fds: set[int]) -> None:
        for fd in fds:
            self._selector.unregister(fd)

    def _pass_on(self, slot: Slot, process: WorkerProcess, lines: list[str]) -> None:
        for line in lines:
            process.last_words = self._relay.pass_on(slot.name, line) or process.last_words

    # --- ends ---

    def _bury(self, slot: Slot, process: WorkerProcess, status: int) -> None:
        listened = set(process.open)
        self._pass_on(slot, process, process.rest())
        self._unregister(listened - process.open)
        self._let_go(slot, process)
        if self.stopping:
            slot.respawn.state = State.LEFT
            if status not in (0, -signal.SIGTERM):  # that one was not far enough to have something to keep
                log.warning("%s %s while leaving%s", slot.name, explained(status), after_colon(process.last_words))
        else:
            self._tell(slot, slot.respawn.ended(status, time.monotonic()), explained(status), process.last_words)
        self._on_change()

    def _let_go(self, slot: Slot, process: WorkerProcess) -> None:
        self._unregister(process.open)
        process.close()
        slot.process = None

    def _tell(self, slot: Slot, ending: Ending, what: str, words: str) -> None:
        if ending.state is State.LEFT:
            log.info("%s left the mesh", slot.name)
        elif ending.state is State.REFUSED:
            if words not in self._complaints:
                log.error("%s cannot work as it was told to%s", slot.name, after_colon(words))
            self._complaints.add(words)
        elif ending.state is State.GIVEN_UP:
            log.error("%s %s%s; it failed %d times in a row and is given up", slot.name, what, after_colon(words), ending.failures)
        else:
            log.warning("%s %s%s; it is started again in %.3g s", slot.name, what, after_colon(words), ending.delay)

    def end_hanging(self, index: int) -> None:
        """Kills a worker that does not answer any more; it is then started again like any other that failed."""
        slot = self.slots[index]
        if slot.process is not None and not self.stopping:
            log.error("%s has not answered for a long time and is killed", slot.name)
            slot.process.kill()

    def stop(self, seconds: float, while_waiting: Callable[[], None]) -> None:
        """Asks all to checkpoint and leave; who has not after so many seconds is killed."""
        self.stopping = True
        deadline = time.monotonic() + seconds
        for slot in self.slots:
            if slot.respawn.state is State.WAITING:
                slot.respawn.state = State.LEFT
        for _slot, process in self._running():
            process.stop()
        while self.running and time.monotonic() < deadline:
            self.turn(min(0.25, deadline - time.monotonic()))
            while_waiting()
        for slot, process in self._running():
            log.warning("%s did not leave within %.3g s and is killed; its last checkpoint stays", slot.name, seconds)
            process.kill()
        while self.running:
            self.turn(0.1)

    # --- how they do ---

    def _running(self) -> Iterator[tuple[Slot, WorkerProcess]]:
        return ((slot, slot.process) for slot in self.slots if slot.process is not None)

    @property
    def running(self) -> int:
        """Workers that have a process."""
        return sum(1 for _ in self._running())

    @property
    def over(self) -> bool:
        """Whether no worker will ever run again."""
        return all(slot.respawn.state in OVER for slot in self.slots)

    @property
    def settled(self) -> bool:
        """Whether each worker has come to take part, or never will."""
        return all(slot.ready or slot.respawn.state in OVER for slot in self.slots)

    @property
    def complaints(self) -> tuple[str, ...]:
        """Why workers could not work as they were told."""
        return tuple(sorted(self._complaints))

    @property
    def exit_status(self) -> int:
        """0 if a worker did its work to the end, 2 if none could work as told, 1 if they failed."""
        states = {slot.respawn.state for slot in self.slots}
        if State.LEFT in states:
            return 0
        return WRONG_INPUT if states == {State.REFUSED} else FAILED

    def overview(self, elapsed: float, left: float | None, best: tuple[float, float, str]) -> Overview:
        """A look at all of them; `best`: loss, R2 and formula."""
        given_up = sum(slot.respawn.state in (State.GIVEN_UP, State.REFUSED) for slot in self.slots)
        pace = sum(number(slot.status, "evaluations_per_second") for slot in self.slots if slot.ready)
        evaluations = int(sum(number(slot.status, "evaluations") for slot in self.slots))
        ready = sum(slot.ready for slot in self.slots)
        return Overview(ready, len(self.slots), given_up, elapsed, left, evaluations, pace, *best, self.stopping)


def number(status: dict[str, Any], name: str) -> float:
    """A number that a worker told; 0 where it is not known."""
    value = status.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def explained(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def after_colon(words: str) -> str:
    """What a worker said last about why, if it did."""
    return f": {words}" if words else ""
