"""Asks the workers how they do, in a thread of its own: one that hangs must not keep the launcher from looking after the others.

The launcher knows the mesh only like this, as any administrator does.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vgp.errors import VgpError

STATUS_SECONDS = 1.0  # between two rounds
FRONT_ROUNDS = 5  # a front is asked for in every so many, and when the best loss has changed
PATIENCE = 1.0  # seconds for an answer
ROUNDS_OFF = 5  # that one who did not answer is left alone

log = logging.getLogger(__name__)


class Client(Protocol):
    """One worker's administrator (vmesh.admin.client)."""

    def ask(self, command: str) -> Any:
        """The result of a command without arguments. Raises AdminError."""

    def close(self) -> None: ...


Connect = Callable[[str], Client]  # from an admin address


@dataclass(frozen=True, slots=True)
class Observation:
    """What a worker said. `front` is None where it was not asked for."""

    index: int
    status: Mapping[str, Any]
    front: list[Mapping[str, Any]] | None


class Observer:
    """`observe` and `forget` say whom to ask; `observations` are taken from the launcher's thread, which `wake` tells of them."""

    def __init__(self, connect: Connect, wake: Callable[[], None]) -> None:
        self._connect, self._wake = connect, wake
        self._addresses: dict[int, str] = {}
        self._lock = threading.Lock()
        self._observations: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._clients: dict[tuple[int, str], Client] = {}
        self._resting: dict[int, int] = {}
        self._losses: dict[int, Any] = {}
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
        count = 0
        while not self._ended.wait(STATUS_SECONDS if count else 0.1):
            with self._lock:
                addresses = dict(self._addresses)
            self._close_all_but(addresses)
            for index, address in addresses.items():
                if not self._ended.is_set():
                    self._ask(index, address, count)
            count += bool(addresses)
        self._close_all_but({})

    def _ask(self, index: int, address: str, count: int) -> None:
        if self._resting.get(index, 0) > 0:
            self._resting[index] -= 1
            return
        try:
            client = self._client(index, address)
            status = client.ask("status")
            wanted = count % FRONT_ROUNDS == 0 or status.get("best_loss") != self._losses.get(index)
            front = client.ask("front") if wanted else None
            self._losses[index] = status.get("best_loss")
        except VgpError as error:
            log.debug("worker %d did not answer: %s", index, error)
            self._resting[index] = ROUNDS_OFF
            return
        except Exception:
            log.warning("an answer of worker %d makes no sense", index, exc_info=True)
            self._resting[index] = ROUNDS_OFF
            return
        self._observations.put(Observation(index, status, front))
        self._wake()

    def _client(self, index: int, address: str) -> Client:
        if (index, address) not in self._clients:
            self._clients[index, address] = self._connect(address)
        return self._clients[index, address]

    def _close_all_but(self, addresses: Mapping[int, str]) -> None:
        for key in [key for key in self._clients if addresses.get(key[0]) != key[1]]:
            self._clients.pop(key).close()
            self._losses.pop(key[0], None)
            self._resting.pop(key[0], None)
