"""A worker: it joins the mesh, evolves, exchanges, answers, leaves.

The main thread is the network's: it waits at the sockets, hands what comes to the state machines, and does what they ask for.
Evolution has a thread of its own (vmesh/evolution.py). `vmesh/assembly.py` puts the parts together.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import FrameType
from typing import Any, Protocol

from vgp.island import LOSS_FIELDS
from vmesh import log as logs
from vmesh.access import Access
from vmesh.admin.server import Server
from vmesh.codec import decode, encode
from vmesh.errors import MessageError
from vmesh.evolution import Evolution, explained
from vmesh.exchange import Exchange
from vmesh.keeping import Keeping
from vmesh.membership import Membership
from vmesh.messages import DataAnnouncement, DataVersion, Member, Message
from vmesh.moving import Moving
from vmesh.options import WorkerOptions
from vmesh.outputs import LinkDown, LinkUp, NameTaken, Output, Send
from vmesh.settings import Settings
from vmesh.sockets import Sockets
from vmesh.transport import Received, Transport

log = logging.getLogger(__name__)


class Recorder(Protocol):
    """Writes the worker's history (vmesh/history/recorder.py)."""

    def advance(self, now: float) -> None: ...
    def next_timer(self) -> float: ...
    def close(self) -> None: ...


class Closing(Protocol):
    """Something that can be closed."""

    def close(self) -> None: ...


MESSAGES_PER_TURN = 256  # so that timers and administrators get their turn under any load
HEARING_TIME = 0.05  # seconds of a turn, after which large messages wait for the next one
LONGEST_WAIT = 0.5  # seconds
MOST_IDENTITIES = 1024  # keys remembered between two looks
LOOK_INTERVAL = 1.0  # seconds between two looks at the neighbours' keys
FAILED, NAME_IS_TAKEN = 1, 2


class Node:
    """One worker's network side. `run` returns the exit status: 0 left on purpose, 2 the name is taken, 1 evolution failed."""

    def __init__(
        self,
        settings: Settings,
        sockets: Sockets,
        transport: Transport,
        membership: Membership,
        exchange: Exchange,
        evolution: Evolution,
        keeping: Keeping,
        moving: Moving,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.sockets = sockets
        self.transport = transport
        self.membership = membership
        self.exchange = exchange
        self.evolution = evolution
        self.keeping = keeping
        self.moving = moving
        self.clock = clock
        self.leaving = ""  # why
        self.exit_status = 0
        self.refused: Counter[str] = Counter()  # messages that were none, by reason
        self.identities: dict[str, str] = {}  # the key that a neighbour's messages came with
        self._next_look = 0.0
        self._judged: list[object] = []  # the loss that organisms are judged by, and what it depends on
        self.suspected: set[str] = set()  # addresses of neighbours that do not answer
        self.recorder: Recorder | None = None
        moving.when_moved(exchange.forget)

    def attend(self, server: Server, endpoint: Closing, access: Access | None) -> None:
        """Names who answers administrators, where, and what keys there are."""
        self.server, self.endpoint, self.access = server, endpoint, access

    def run(self, seeds: Sequence[str], ready: Callable[[], None]) -> int:
        """Everything from joining to leaving."""
        self.keeping.begin(self.evolution, self.settings.worker, self.clock())
        self.evolution.start()
        self.perform(self.membership.join(seeds, self.clock()))
        ready()
        try:
            while not self.leaving:
                self.turn()
        except Exception as error:  # what evolution has found is kept all the same
            self.fail("the network loop", error)
        self.leave()
        return self.exit_status

    def turn(self) -> None:
        self.sockets.wait(self.patience())
        self.hear()
        self.server.serve(self.clock())
        self.settle()
        self.keep_time()

    def stop(self, reason: str, status: int = 0) -> None:
        """Makes `run` leave the mesh and return. May be called from any thread and from a signal's handler."""
        if not self.leaving:
            self.leaving, self.exit_status = reason, status
        self.sockets.wake()

    def fail(self, what: str, error: BaseException) -> None:
        """Leaves the mesh as one who is to be started again."""
        log.error("%s ended: %s", what, explained(error), exc_info=error)
        self.stop(f"{what} ended", FAILED)

    def stop_on_signals(self) -> None:
        def handle(number: int, frame: FrameType | None) -> None:
            self.stop(signal.Signals(number).name)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, handle)

    # --- what comes ---

    def hear(self) -> None:
        """Messages of peers."""
        until = self.clock() + HEARING_TIME
        for _ in range(MESSAGES_PER_TURN):
            received = self.transport.receive()
            if received is None:
                break
            self.obey(received)
            if self.clock() > until:
                break
        if len(self.evolution.population):
            self.evolution.notify()

    def obey(self, received: Received) -> None:
        """One message. What is none is counted and forgotten, and so is what nobody foresaw: no message ends a worker."""
        try:
            sender, message = decode(received.payload)
            if received.identity and len(self.identities) < MOST_IDENTITIES:
                self.identities[sender.name] = received.identity
            self.perform(self.react(sender, message))
        except MessageError as error:
            self.refused[error.reason] += 1
        except MemoryError:
            raise
        except Exception as error:
            if not self.refused["unforeseen"]:  # a peer could fill the log
                log.error("a message led to an error and is ignored: %s", explained(error), exc_info=error)
            self.refused["unforeseen"] += 1

    def react(self, sender: Member, message: Message) -> Iterable[Output]:
        """The state machine that a message is for."""
        now = self.clock()
        if message.NUMBER < 30:
            return self.membership.receive(sender, message, now)
        if message.NUMBER < 40:
            return self.exchange.receive(sender, message, now)
        if isinstance(message, (DataVersion, DataAnnouncement)):
            return self.moving.receive(sender, message, self.membership.active)
        return ()

    def settle(self) -> None:
        """What evolution has done since the last turn."""
        if self.evolution.failure is not None:
            self.fail("evolution", self.evolution.failure)
            return
        while self.evolution.reports:
            delivery, report = self.evolution.reports.popleft()
            self.perform(self.exchange.taken_in(delivery, report, self.clock()))
        parameters = self.evolution.island.parameters
        judged = [getattr(parameters, name) for name in LOSS_FIELDS]
        if self._judged and judged != self._judged:
            self.exchange.forget()  # as after a move to another table: the best by another loss is another one
        self._judged = judged

    def keep_time(self) -> None:
        now = self.clock()
        due = self.membership.advance(now)
        self.renew_ways()
        self.perform(due)
        self.perform(self.exchange.advance(now, self.membership))
        self.perform(self.moving.advance(now, self.membership.active))
        self.keeping.advance(now)
        if self.recorder is not None:
            self.recorder.advance(now)
        self.drop_revoked(now)

    def renew_ways(self) -> None:
        """Who has become a suspect gets a new connection: one that lost packets waits twice as long from attempt to attempt."""
        suspects = {member.address for member in self.membership.suspects}
        for address in suspects - self.suspected:
            self.transport.forget(address)
        self.suspected = suspects

    def drop_revoked(self, now: float) -> None:
        """A neighbour whose key was taken back is no neighbour any more: its messages do not arrive, ours must not go there."""
        if self.access is None or now < self._next_look:
            return
        self._next_look = now + LOOK_INTERVAL
        known, self.identities = self.identities, {}
        for member in self.membership.active:
            key = known.get(member.name)
            if key is None:
                continue
            self.identities[member.name] = key
            if not self.access.permits_peer(key):
                log.warning("the key of %s was revoked", member.name)
                self.perform(self.membership.expel(member.name, now))

    def patience(self) -> float:
        """Seconds until something is due."""
        parts = (self.membership, self.exchange, self.moving, self.keeping, self.server, self.recorder)
        due = min(part.next_timer() for part in parts if part is not None)
        return min(max(due - self.clock(), 0.0), LONGEST_WAIT)

    # --- what is done ---

    def perform(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            ACTIONS[type(output)](self, output)

    def send(self, output: Send) -> None:
        self.transport.send(output.address, encode(self.membership.me, output.message))

    def link_up(self, output: LinkUp) -> None:
        log.info("linked with %s at %s", output.member.name, output.member.address)
        self.perform(self.exchange.link_up(output.member, self.clock()))
        self.perform(self.moving.link_up(output.member))

    def link_down(self, output: LinkDown) -> None:
        log.info("no longer linked with %s: %s", output.member.name, output.reason)
        self.perform(self.exchange.link_down(output.member, self.clock()))
        if output.reason in ("dead", "left", "expelled"):
            self.transport.forget(output.member.address)
            self.identities.pop(output.member.name, None)

    def name_taken(self, output: NameTaken) -> None:
        log.error(
            "another worker is %s, at %s; start this one with another --index or --hostname",
            output.member.name,
            output.member.address,
        )
        self.stop("its name is taken", NAME_IS_TAKEN)

    def configure(self, settings: Settings) -> None:
        """Takes changed settings. Called from the network thread. Raises SettingsError before anything is changed."""
        self.exchange.configure(settings.exchange)
        self.membership.configure(settings.membership)
        self.evolution.exchange = settings.exchange
        self.keeping.configure(settings.worker)
        logs.set_level(settings.worker.log_level)
        self.settings = settings

    def leave(self) -> None:
        """The best goes to the peers, the mesh is told, the population is kept; vmesh/keeping.py bounds the time that it takes."""
        log.info("leaving the mesh: %s", self.leaving)
        try:
            self.part()
        except Exception as error:
            log.error("the mesh could not be told: %s", explained(error), exc_info=error)
        if self.recorder is not None:
            self.recorder.close()
        self.keeping.conclude(self.evolution)
        self.server.serve(self.clock())  # administrators who still wait are told that it is over
        self.endpoint.close()
        self.transport.close()

    def part(self) -> None:
        """What peers are sent at the end."""
        now = self.clock()
        self.perform(self.exchange.emigrate_now(None, now, self.membership))
        self.perform(self.membership.leave(now))


def run(options: WorkerOptions) -> int:
    """One worker, from its options to its exit status. Raises InputError for what stays wrong until the user changes it."""
    from vmesh.assembly import assembled

    logs.start(options.name, options.settings.worker.log_level)
    with assembled(options) as node:
        node.stop_on_signals()
        return node.run(options.seeds, partial(tell_ready, node, options.ready_fd))


def tell_ready(node: Node, fd: int | None) -> None:
    """Tells whoever started this worker where it can be reached."""
    me = node.membership.me
    log.info("%s at %s, administration at %s", me.name, me.address, me.admin)
    if fd is not None:
        line = json.dumps({"name": me.name, "address": me.address, "admin": me.admin})
        with contextlib.suppress(OSError), open(fd, "w", encoding="utf-8") as file:
            file.write(line + "\n")


ACTIONS: dict[type, Callable[[Node, Any], None]] = {
    Send: Node.send,
    LinkUp: Node.link_up,
    LinkDown: Node.link_down,
    NameTaken: Node.name_taken,
}
