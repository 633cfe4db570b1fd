"""A running mesh as a feed: every worker is asked for its figures, all at a time; who is unknown yet is found from their peers.

    look:  open lines to new addresses -> ask those who are due -> hear, until those who usually answer have -> the view

What a worker has told already it does not tell again: the front by its version, the log by its last line.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vmesh.admin.asking import Entrance, inquire
from vmesh.admin.client import Inquiries, Outcome
from vmesh.admin.crawl import members, place
from vmesh.admin.protocol import Request, decode_answer, encode_request
from vmesh.errors import AdminError, MessageError
from vmesh.figures.record import Figures, read
from vmesh.watch.feed import LIVE, Curve, Done, Past
from vmesh.watch.lines import Lines
from vmesh.watch.merging import merged
from vmesh.watch.view import Said, Seen, View

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.7  # that one look waits at most for those who usually answer
FIRST_SECONDS = 3.0  # and the first one
AGAIN = 3.0  # s after which a request that was not answered is sent again
SILENT_AFTER = 2.5  # s that an answer is waited for
FORGOTTEN_AFTER = 600.0  # s without one
PEERS_SHARE = 16  # in every look one in so many is asked for its peers
MOST_WORKERS = 4096
DO_SECONDS = 30.0  # that a command may take
PAST_SECONDS = 5.0


@dataclasses.dataclass(slots=True)
class Known:
    """A worker that is asked."""

    address: str
    since: float  # monotonic, as all times here but `heard_at`
    name: str = ""
    seen: Seen | None = None
    heard: float = -math.inf  # when it answered last
    asked: float = -math.inf
    pending: int = 0  # id of the request under way; 0: none
    missed: int = 0  # requests in a row that were not answered in time
    front_version: str = ""
    last_line: int = 0


class Watcher:
    """See `vmesh.watch.feed.Feed`.

    Args:
        door: where the mesh is entered, and with which keys.
        addresses: gives the addresses of the door anew, where workers may move; None: those of the door.
    """

    kind = LIVE

    def __init__(self, door: Entrance, addresses: Callable[[], Sequence[str]] | None = None) -> None:
        self._door = door
        self._addresses = addresses or (lambda: door.addresses)
        self._lines = Lines(door.keys, door.endpoint)
        self._known: dict[str, Known] = {}
        self._requests: dict[int, tuple[str, str]] = {}  # (address, command) by id
        self._number = 0
        self._turn = 0  # whose peers are asked for next
        self._said: list[Said] = []
        self._front_of: dict[str, str] = {}
        self._front: tuple[Any, ...] = ()
        self._ever = False

    def look(self) -> View:
        """Raises AdminError as long as nobody has ever answered."""
        now = time.monotonic()
        for address in self._addresses():
            self._meet(address, now)
        self._ask_due(now)
        self._hear(now + (LOOK_SECONDS if self._ever else FIRST_SECONDS))
        self._forget(time.monotonic())
        view = self._view(time.monotonic())
        if not view.workers:
            where = ", ".join(list(self._known)[:3]) or "no address"
            raise AdminError(f"no worker answers at {where}; is a mesh running there, and does it know our key?")
        self._ever = True
        return view

    def past(self, points: int) -> Past:
        """From the histories that workers keep; those of an older version have none."""
        curves = {}
        for outcome in self._inquire("history", {"points": points}, None, PAST_SECONDS):
            if outcome.answer is not None and outcome.answer.ok:
                curve = curve_of(outcome.answer.result)
                if curve is not None:
                    curves[outcome.worker] = curve
        return Past(curves)

    def do(self, command: str, arguments: Mapping[str, Any], workers: Sequence[str] | None) -> list[Done]:
        """See Feed. May be called from another thread."""
        return [done_of(outcome) for outcome in self._inquire(command, arguments, workers, DO_SECONDS)]

    def close(self) -> None:
        """Hangs up."""
        self._lines.close()

    # --- who there is ---

    def _meet(self, address: str, now: float) -> None:
        if address not in self._known and len(self._known) < MOST_WORKERS and self._lines.open(address):
            self._known[address] = Known(address, now)

    def _forget(self, now: float) -> None:
        """Who was silent for long, and who lives elsewhere now."""
        newest: dict[str, Known] = {}
        for one in sorted(self._known.values(), key=lambda known: known.heard):
            if one.name:
                newest[one.name] = one
        for one in list(self._known.values()):
            moved = one.name and newest[one.name] is not one
            if moved or now - max(one.heard, one.since) > FORGOTTEN_AFTER:
                self._lines.shut(one.address)
                del self._known[one.address]

    # --- asking and hearing ---

    def _ask_due(self, now: float) -> None:
        known = list(self._known.values())
        for one in known:
            if not one.pending or now - one.asked > AGAIN:
                one.missed += bool(one.pending)
                self._ask_figures(one, now)
        for one in self._whose_peers(known):
            self._ask(one.address, "peers", {})

    def _ask_figures(self, one: Known, now: float) -> None:
        self._requests.pop(one.pending, None)
        one.asked = now
        known: dict[str, Any] = {"front": one.front_version, "line": one.last_line}
        one.pending = self._ask(one.address, "figures", {name: value for name, value in known.items() if value})

    def _whose_peers(self, known: list[Known]) -> list[Known]:
        """Those who have not answered yet, and of the others some, in turn."""
        new = [one for one in known if not one.name]
        share = max(1, len(known) // PEERS_SHARE)
        chosen = [known[(self._turn + k) % len(known)] for k in range(share)] if known else []
        self._turn += share
        return list({one.address: one for one in (*new, *chosen)}.values())

    def _ask(self, address: str, command: str, arguments: Mapping[str, Any]) -> int:
        self._number += 1
        self._requests[self._number] = (address, command)
        while len(self._requests) > 4 * MOST_WORKERS:  # those that were never answered
            del self._requests[next(iter(self._requests))]
        self._lines.ask(address, encode_request(Request(command, arguments, self._number, AGAIN)))
        return self._number

    def _hear(self, until: float) -> None:
        """Answers, until all have come that may be expected, or the time is over. Those of who is late are heard when they come."""
        while True:
            now = time.monotonic()
            expected = any(one.pending and not one.missed for one in self._known.values())
            for address, payload in self._lines.answers(until - now if expected else 0.0):
                self._take(address, payload)
            if now >= until or not expected:
                return

    def _take(self, address: str, payload: bytes) -> None:
        try:
            answer = decode_answer(payload)
        except MessageError as error:
            log.debug("what answers at %s is no worker of this version: %s", address, error)
            return
        asked = self._requests.pop(answer.id, None) if isinstance(answer.id, int) else None
        one = self._known.get(address)
        if asked is None or asked[0] != address or one is None:
            return
        if asked[1] == "peers":
            self._take_peers(answer.result if answer.ok else None)
            return
        one.pending = one.missed = 0
        figures = read(answer.result, one.seen.figures if one.seen is not None else None) if answer.ok else None
        if figures is None:
            log.debug("%s does not tell its figures: %s", address, answer.error or "it is of another version")
            return
        self._take_figures(one, figures, time.monotonic())

    def _take_peers(self, peers: Any) -> None:
        now = time.monotonic()
        for _, address in members(peers):
            if address not in self._known:
                self._meet(address, now)
                if address in self._known:  # within the same look: a mesh is known after a few round trips
                    self._ask_figures(self._known[address], now)
                    self._ask(address, "peers", {})

    def _take_figures(self, one: Known, figures: Figures, now: float) -> None:
        before = one.seen.figures if one.seen is not None else None
        earlier = before if before is not None and before.incarnation == figures.incarnation else None
        self._said += [Said(line.time, figures.name, line.level, line.text) for line in figures.lines]
        one.name, one.heard = figures.name, now
        one.front_version, one.last_line = figures.front_version, figures.last_line
        one.seen = Seen(figures, time.time(), _cpu(earlier, figures), _sent(earlier, figures))

    # --- what is seen ---

    def _view(self, now: float) -> View:
        named = sorted((one for one in self._known.values() if one.seen is not None), key=lambda one: place(one.name))
        workers = {}
        for one in named:
            assert one.seen is not None
            silent = f"has not answered for {now - one.heard:.0f} s" if self._is_silent(one, now) else ""
            workers[one.name] = dataclasses.replace(one.seen, silent=silent, sent={}) if silent else one.seen
        never = [one for one in self._known.values() if one.seen is None and self._is_silent(one, now)]
        said, self._said = self._said, []
        return View(
            time.time(), workers, self._merged(workers), tuple(sorted(said, key=lambda line: line.time)),
            {one.address: "does not answer" for one in never},
        )  # fmt: skip

    @staticmethod
    def _is_silent(one: Known, now: float) -> bool:
        """Whether it lets an answer wait; that nobody asked for long is not held against it."""
        return one.missed > 0 or (one.pending > 0 and now - one.asked > SILENT_AFTER)

    def _merged(self, workers: Mapping[str, Seen]) -> tuple[Any, ...]:
        """Merged anew only when some front has changed."""
        versions = {name: seen.figures.front_version for name, seen in workers.items()}
        if versions != self._front_of:
            self._front_of, self._front = versions, merged(seen.figures for seen in workers.values())
        return self._front

    def _inquire(
        self, command: str, arguments: Mapping[str, Any], workers: Sequence[str] | None, timeout: float
    ) -> list[Outcome]:
        there = {one.name: one.address for one in list(self._known.values()) if one.name}
        strangers = [name for name in workers or () if name not in there]
        if strangers:
            raise AdminError(f"there is no worker {strangers[0]} any more")
        with Inquiries(self._door.keys, endpoint=self._door.endpoint) as inquiries:
            return inquire(inquiries, [there[name] for name in workers or there], command, arguments, timeout)


def done_of(outcome: Outcome) -> Done:
    """What became of it, in a person's words where it went wrong."""
    answer = outcome.answer
    if answer is None:
        return Done(outcome.worker, False, error=outcome.error)
    return Done(outcome.worker, answer.ok, answer.result, answer.error)


def curve_of(answer: Any) -> Curve | None:
    """A worker's past; None where it tells none. Whatever it says, nothing is raised."""
    if not isinstance(answer, Mapping):
        return None
    columns = [answer.get(name) for name in ("time", "best_loss", "pace")]
    if not all(isinstance(column, list) and len(column) == len(columns[0] or ()) for column in columns):
        return None
    plain = [[float(x) if isinstance(x, (int, float)) else math.nan for x in column or ()] for column in columns]
    return Curve(*plain)


def _cpu(before: Figures | None, now: Figures) -> float:
    """Cores that were busy between two records."""
    if before is None or now.written <= before.written or now.cpu_seconds < before.cpu_seconds:
        return math.nan
    return (now.cpu_seconds - before.cpu_seconds) / (now.written - before.written)


def _sent(before: Figures | None, now: Figures) -> dict[str, int]:
    """What went to each neighbour between two records; 0 for one who is new."""
    earlier = {name: sent for name, sent, _ in before.neighbours} if before is not None else {}
    return {name: max(sent - earlier.get(name, sent), 0) for name, sent, _ in now.neighbours}
