"""The feed's thread: it looks once an interval, and what it sees waits in a queue for the screen. A look may take seconds.

Commands go to the mesh from a thread of their own each, so that a checkpoint that takes long does not stop the pictures.
"""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vgp.errors import VgpError
from vmesh.admin.commands import COMMANDS
from vmesh.errors import AdminError
from vmesh.top.figures import plural
from vmesh.top.state import Request
from vmesh.watch.feed import Done, Feed, Past
from vmesh.watch.view import View

PAST_POINTS = 120
LONGEST_END = 4.0  # s that the end waits for a look that is under way


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a command, in words."""

    message: str
    failed: bool


Event = View | Told | BaseException  # the last: looking is over, because of this


class Looking:
    """A context manager. `wake` is called, from other threads, whenever `events` has something new."""

    def __init__(self, feed: Feed, interval: float) -> None:
        self._feed = feed
        self._interval = interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.past = Past()  # known with the first view
        self.wake: Callable[[], None] = lambda: None

    def __enter__(self) -> Looking:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join(LONGEST_END)

    @property
    def kind(self) -> str:
        """Of the feed."""
        return self._feed.kind

    def first(self) -> View:
        """The first view. Raises AdminError where nobody answers, and whatever else ended the looking."""
        return self.next()

    def next(self, until: float = math.inf) -> View:
        """The next view. Raises TimeoutError at this time of the monotonic clock."""
        while True:
            left = until - time.monotonic()
            try:
                event = self.events.get(timeout=min(max(left, 0.0), 3600.0))
            except queue.Empty:
                if time.monotonic() >= until:
                    raise TimeoutError from None
                continue
            if isinstance(event, BaseException):
                raise event
            if isinstance(event, View):
                return event

    def do(self, request: Request) -> None:
        """Obeys, in a while; what came of it is an event."""
        threading.Thread(target=self._do, args=(request,), name=request.command, daemon=True).start()

    def _do(self, request: Request) -> None:
        try:
            told = summary(request.command, self._feed.do(request.command, {}, request.worker and [request.worker]))
        except VgpError as error:
            told = Told(f"{request.command}: {error}", True)
        except Exception as error:
            self._tell(error)
            return
        self._tell(told)

    def _run(self) -> None:
        try:
            self._look_and_look()
        except BaseException as error:
            self._tell(error)
        finally:
            with contextlib.suppress(Exception):
                self._feed.close()

    def _look_and_look(self) -> None:
        view = self._feed.look()
        with contextlib.suppress(VgpError):  # a mesh that keeps no history has a present
            self.past = self._feed.past(PAST_POINTS)
        self._tell(view)
        due = time.monotonic()
        while True:
            due = max(due + self._interval, time.monotonic())
            if self._ended.wait(due - time.monotonic()):
                return
            try:
                self._tell(self._feed.look())
            except AdminError as error:
                self._tell(Told(str(error), True))

    def _tell(self, event: Event) -> None:
        if not self._ended.is_set():
            self.events.put(event)
            self.wake()


def summary(command: str, done: Sequence[Done]) -> Told:
    """One line for a person: of one worker what its command prints, of many how many did it, and who first did not."""
    failures = [one for one in done if not one.ok]
    if not done:
        return Told(f"{command}: nobody was there to do it", True)
    if len(done) == 1 and not failures:
        return Told(_printed(command, {done[0].worker: done[0].result}), False)
    if not failures:
        return Told(f"{command}: done by {plural(len(done), 'worker')}", False)
    first = f"{failures[0].worker}: {failures[0].error}"
    if len(done) == 1:
        return Told(f"{command}: {first}", True)
    return Told(f"{command}: done by {len(done) - len(failures)} of {plural(len(done), 'worker')}; {first}", True)


def _printed(command: str, answers: Mapping[str, Any]) -> str:
    try:
        return "  ".join(part for part in COMMANDS[command].printout(answers) if isinstance(part, str))
    except (AttributeError, KeyError, TypeError, ValueError):  # a worker of another version
        return f"{', '.join(answers)}: {command} done"
