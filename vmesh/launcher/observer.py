"""Asks the workers how they do, in a thread of its own: one that hangs must not keep the launcher from looking after the others.

The launcher knows the mesh only like this, as any administrator does, and by the files that workers leave.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vgp.errors import VgpError

STATUS_SECONDS = 1.0  # between two rounds
FIRST_ROUND = 0.1  # seconds after the start
AFRESH_SECONDS = 5.0  # after a round that nobody could have foreseen to fail
FRONT_ROUNDS = 5  # a front is asked for in every so many, and when the best loss has changed
PATIENCE = 3.0  # seconds for an answer
MOST_MISSED = 30  # rounds in a row; counted and not timed, so that a pause of the launcher itself is not held against workers

log = logging.getLogger(__name__)


class Inquirer(Protocol):
    """An administrator who asks several workers at a time."""

    def ask(self, addresses: Sequence[str], command: str) -> Mapping[str, Any]:
        """The results by address; who does not answer is missing."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Observation:
    """What a worker said. `front` is None where it was not asked for."""

    index: int
    status: Mapping[str, Any]
    front: Sequence[Mapping[str, Any]] | None


class Observer:
    """`observe` and `forget` say whom to ask; `observations` are taken from the launcher's thread, which `wake` tells of them.

    `make_inquirer` is called in the thread that asks.
    """

    def __init__(self, make_inquirer: Callable[[], Inquirer], wake: Callable[[], None]) -> None:
        self._make_inquirer, self._wake = make_inquirer, wake
        self._addresses: dict[int, str] = {}
        self._lock = threading.Lock()
        self._observations: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._losses: dict[int, Any] = {}
        self._missed: dict[int, int] = {}  # rounds in a row without an answer, of those that have answered
        self._thread = threading.Thread(target=self._run, name="observer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def observe(self, index: int, admin: str) -> None:
        """From now on ask this worker there."""
        with self._lock:
            self._addresses[index] = admin

    def forget(self, index: int) -> None:
        """It ended."""
        with self._lock:
            self._addresses.pop(index, None)
            self._missed.pop(index, None)

    def silent(self) -> list[int]:
        """Workers that answered once and have not for many rounds: they hang."""
        with self._lock:
            return [index for index, missed in self._missed.items() if missed >= MOST_MISSED]

    def observations(self) -> list[Observation]:
        """All since the last call."""
        found = []
        while not self._observations.empty():
            found.append(self._observations.get())
        return found

    def end(self) -> None:
        """No more questions. An answer that is waited for is not waited for here."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                inquirer = self._make_inquirer()
            except VgpError as error:
                log.warning("workers cannot be asked how they do, only what they leave behind is known: %s", error)
                return
            try:
                self._rounds(inquirer)
            except Exception:  # with another one: what the best is must be known to the end
                log.warning("workers could not be asked how they do", exc_info=True)
                self._ended.wait(AFRESH_SECONDS)
            finally:
                inquirer.close()

    def _rounds(self, inquirer: Inquirer) -> None:
        rounds = 0
        while not self._ended.wait(STATUS_SECONDS if rounds else FIRST_ROUND):
            with self._lock:
                addresses = dict(self._addresses)
            if addresses:
                self._round(inquirer, addresses, rounds)
                rounds += 1

    def _round(self, inquirer: Inquirer, addresses: Mapping[int, str], number: int) -> None:
        answers = inquirer.ask(list(addresses.values()), "status")
        states = {index: answers[address] for index, address in addresses.items() if isinstance(answers.get(address), dict)}
        self._count(addresses, states)
        wanted = [i for i, state in states.items() if number % FRONT_ROUNDS == 0 or state.get("best_loss") != self._losses.get(i)]
        fronts = inquirer.ask([addresses[index] for index in wanted], "front") if wanted and not self._ended.is_set() else {}
        for index, state in states.items():
            front = fronts.get(addresses[index])
            if front is not None:
                self._losses[index] = state.get("best_loss")
            self._observations.put(Observation(index, state, front))
        self._wake()

    def _count(self, addresses: Mapping[int, str], answered: Mapping[int, Any]) -> None:
        with self._lock:
            for index, address in addresses.items():
                if self._addresses.get(index) != address:
                    continue  # it ended meanwhile
                if index in answered:
                    self._missed[index] = 0
                elif index in self._missed:
                    self._missed[index] += 1


class Administrator:
    """The inquirer of a real mesh; `folders` are those of its keys and of the secret ones. Raises KeyFileError."""

    def __init__(self, folders: tuple[Path, Path | None] | None) -> None:
        from vmesh.admin.client import Inquiries
        from vmesh.security.key_folder import admin_keys

        self._inquiries = Inquiries(admin_keys(*folders) if folders else None)

    def ask(self, addresses: Sequence[str], command: str) -> Mapping[str, Any]:
        for address in addresses:
            self._inquiries.add(address, command, timeout=PATIENCE)
        found = {}
        for outcome in self._inquiries:
            if outcome.answer is not None and outcome.answer.ok:
                found[outcome.address] = outcome.answer.result
            else:
                log.debug("%s does not say its %s: %s", outcome.worker, command, outcome.error or outcome.answer)
        return found

    def close(self) -> None:
        self._inquiries.close()
