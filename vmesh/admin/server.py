"""Answers administrators within a worker's network loop: what is fast at once, what is slow when its Future is done.

    receive -> decode -> check arguments -> sent before? -> execute -> answer        (now, or after the evolution thread is done)

No request can stop the loop: any bytes get an answer, and whatever a command raises becomes one. Only so many slow commands are
under way at a time, so that administrators cannot fill the queue of the evolution thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from vgp.errors import InputError, VgpError
from vgp.suggestions import did_you_mean
from vmesh.admin.arguments import checked
from vmesh.admin.commands import COMMANDS, Command
from vmesh.admin.facade import NodeFacade
from vmesh.admin.protocol import Id, Request, RequestError, decode_request, encode_error, encode_result
from vmesh.admin.remembered import Key, Remembered, content_of

log = logging.getLogger(__name__)

REQUESTS_PER_TURN = 64  # so that peers and timers get their turn under any load
MOST_JOBS = 32  # slow commands under way
MOST_WAITING = 4  # askers for the answer of one: an asker that sends again from a new socket is another one


class Asked(Protocol):
    """A request as the socket gives it."""

    @property
    def payload(self) -> bytes:
        """The bytes that came."""

    @property
    def identity(self) -> str:
        """The public key that the connection proved; empty where there are no keys."""


class Endpoint(Protocol):
    """A socket for requests (vmesh/sockets.py). Neither method waits or raises."""

    def receive(self) -> Any:
        """The next request (`Asked`) that is here, or None."""

    def reply(self, request: Any, payload: bytes) -> Any:
        """Sends an answer, or drops it where nobody waits for it any more."""


@dataclass(slots=True)
class Waiting:
    """Somebody who waits for an answer until then."""

    asked: Asked
    id: Id
    deadline: float
    timeout: float


@dataclass(slots=True)
class Job:
    """A slow command under way."""

    command: str
    future: Future[Any]
    key: Key | None
    waiting: list[Waiting] = field(default_factory=list)


class Server:
    """Answers what comes to one endpoint about one worker.

    Args:
        endpoint: the socket.
        node: the worker.
        wake: makes the network loop call `serve` soon; called from whatever thread resolves a Future.
        commands: what may be asked for.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        node: NodeFacade,
        wake: Callable[[], None] = lambda: None,
        commands: Mapping[str, Command] = COMMANDS,
    ) -> None:
        self._endpoint = endpoint
        self._node = node
        self._wake = wake
        self._commands = commands
        self._jobs: list[Job] = []
        self._remembered = Remembered()
        self.served = 0  # requests so far

    def serve(self, now: float | None = None) -> bool:
        """Answers what is here and what is done. True: there may be more. Never waits, never raises."""
        now = time.monotonic() if now is None else now
        more = self._take(now)
        self._settle(now)
        return more

    def next_timer(self) -> float:
        """When somebody has waited long enough."""
        return min((waiting.deadline for job in self._jobs for waiting in job.waiting), default=float("inf"))

    def _take(self, now: float) -> bool:
        for _ in range(REQUESTS_PER_TURN):
            asked: Asked | None = self._endpoint.receive()
            if asked is None:
                return False
            self.served += 1
            try:
                answer = self._answer(asked, now)
            except Exception as error:  # what nobody foresaw is no reason to leave the mesh
                answer = self._failure(None, "a request", error)
            if answer is not None:
                self._endpoint.reply(asked, answer)
        return True

    def _answer(self, asked: Asked, now: float) -> bytes | None:
        """The answer, or None where it comes later."""
        try:
            request = decode_request(asked.payload)
        except RequestError as error:
            return self._error(error.id, error.reason, str(error))
        command = self._commands.get(request.command)
        if command is None:
            name = request.command[:80]
            return self._error(request.id, "unknown", f"there is no command {name!r}; {did_you_mean(name, self._commands)}")
        try:
            arguments = checked(command.ARGUMENTS, request.arguments)
        except InputError as error:
            return self._error(request.id, "arguments", f"{request.command}: {error}")
        waiting = Waiting(asked, request.id, now + request.timeout, request.timeout)
        key = (asked.identity, request.id) if command.CHANGES and request.id is not None else None
        if key is not None and self._remembered.get(key):
            return self._again(key, request, waiting)
        return self._begin(command, request, arguments, waiting, key, now)

    def _again(self, key: Key, request: Request, waiting: Waiting) -> bytes | None:
        """A request that was sent before: its answer, or a place among those who wait for it."""
        kept = self._remembered.get(key)
        if kept is None or kept.content != content_of(request):
            return self._error(request.id, "id", "this id was used for another request; use a new one for each")
        if kept.answer is not None:
            return kept.answer
        job = next(job for job in self._jobs if job.key == key)
        job.waiting = [*job.waiting, waiting][-MOST_WAITING:]
        return None

    def _begin(
        self, command: Command, request: Request, arguments: Mapping[str, Any], waiting: Waiting, key: Key | None, now: float
    ) -> bytes | None:
        if command.SLOW and len(self._jobs) >= MOST_JOBS:
            return self._error(request.id, "busy", f"{MOST_JOBS} commands are under way; try again later")
        if key is not None:
            self._remembered.begin(key, request, now)
        try:
            result = command.execute(self._node, arguments)
        except Exception as error:
            answer = self._failure(request.id, request.command, error)
        else:
            if isinstance(result, Future):
                self._jobs.append(Job(request.command, result, key, [waiting]))
                result.add_done_callback(lambda _: self._wake())
                return None
            answer = self._result(request.id, request.command, result)
        if key is not None:
            self._remembered.finish(key, answer)
        return answer

    def _settle(self, now: float) -> None:
        """Answers to what is done by now, and to those who do not wait any longer."""
        for job in [job for job in self._jobs if job.future.done()]:
            self._jobs.remove(job)
            self._conclude(job)
        for job in self._jobs:
            late = [waiting for waiting in job.waiting if waiting.deadline <= now]
            job.waiting = [waiting for waiting in job.waiting if waiting.deadline > now]
            for waiting in late:
                message = f"{job.command} was not done within {waiting.timeout:g} s; it goes on"
                self._endpoint.reply(waiting.asked, self._error(waiting.id, "deadline", message))

    def _conclude(self, job: Job) -> None:
        answers = {waiting.id: self._outcome(waiting.id, job) for waiting in job.waiting}
        for waiting in job.waiting:
            self._endpoint.reply(waiting.asked, answers[waiting.id])
        if job.key is not None:
            id = job.key[1]
            self._remembered.finish(job.key, answers[id] if id in answers else self._outcome(id, job))

    def _outcome(self, id: Id, job: Job) -> bytes:
        if job.future.cancelled():
            return self._error(id, "failed", f"{job.command} was dropped")
        error = job.future.exception()
        return self._failure(id, job.command, error) if error else self._result(id, job.command, job.future.result())

    def _result(self, id: Id, command: str, result: Any) -> bytes:
        try:
            return encode_result(id, self._node.name, result)
        except Exception as error:
            return self._failure(id, command, error)

    def _failure(self, id: Id, command: str, error: BaseException) -> bytes:
        """What is foreseen is told; what is not is logged too, and the worker goes on."""
        if isinstance(error, VgpError):
            return self._error(id, "arguments" if isinstance(error, InputError) else "refused", str(error))
        log.error("administration: %s failed: %s: %s", command, type(error).__name__, error)
        log.debug("administration: %s failed", command, exc_info=error)
        return self._error(id, "failed", f"{command} failed: {type(error).__name__}: {error}")

    def _error(self, id: Id, reason: str, message: str) -> bytes:
        return encode_error(id, self._node.name, reason, message)
