"""A conversation with a mesh: which worker is meant, and what a typed line does. No terminal in it."""

from __future__ import annotations

import shutil
import time
from argparse import ArgumentTypeError
from collections.abc import Mapping
from typing import Any, TextIO

from vgp.cli.arguments import duration
from vgp.cli.streams import tell
from vgp.errors import InputError, VgpError
from vgp.suggestions import did_you_mean
from vmesh.admin.asking import DONE, FAILED, PROGRAM, WRONG, Entrance, conclude, find_all, first_that_answers, inquire
from vmesh.admin.client import Inquiries
from vmesh.admin.crawl import members
from vmesh.admin.live_settings import flat
from vmesh.admin.manuals import OWN, PICTURES, WATCHED, help_text, known
from vmesh.admin.pictures import POINTS, curve_named, history_chart, moment, population
from vmesh.admin.printing import Part, clock, count, print_parts, text
from vmesh.admin.words import parse, split
from vmesh.errors import AdminError

WATCH_SECONDS = 2.0
GLANCE_SECONDS = 0.5  # that the toolbar and completion may wait for a worker
SETTINGS_SECONDS = 10.0
CLEAR = "\x1b[H\x1b[2J"


class Session:
    """Obeys lines.

    Args:
        door: where the mesh is. Raises AdminError if nobody answers there.
        timeout: seconds that an answer may take.
        stream: where results go.
    """

    def __init__(self, door: Entrance, timeout: float, stream: TextIO) -> None:
        self._inquiries = Inquiries(door.keys, endpoint=door.endpoint)
        self._door = door
        self._timeout = timeout
        self._stream = stream
        self.workers: dict[str, str] = {}  # admin addresses by name, as last seen
        self.address = first_that_answers(self._inquiries, door.addresses, timeout)
        self.name = self._name_of(self.address)
        self.ended = False
        self._settings: tuple[str, float, dict[str, Any]] = ("", 0.0, {})  # of which worker, when, what

    def close(self) -> None:
        """Closes connections."""
        self._inquiries.close()

    def obey(self, line: str) -> int:
        """Does what one line says; returns an exit status. Errors of the user and of workers are told, not raised."""
        try:
            words = split(line)
            return self._do(words) if words else DONE
        except InputError as error:
            tell([str(error)], program=PROGRAM)
            return WRONG
        except VgpError as error:
            tell([str(error)], program=PROGRAM)
            return FAILED
        except KeyboardInterrupt:
            self._inquiries.drop()
            raise

    def _do(self, words: list[str]) -> int:
        first, rest = words[0], words[1:]
        if first in ("quit", "exit"):
            self.ended = True
        elif first in ("help", "?"):
            print(help_text(rest[0] if rest else None), file=self._stream)
        elif first == "use":
            self._use(rest)
        elif first == "all":
            if not rest:
                raise InputError("all: name a command; help lists them")
            return self._do([*rest, "--all"]) if rest[0] in PICTURES else self._ask(rest[0], rest[1:], everywhere=True)
        elif first == "watch":
            self._watch(rest)
        elif first == "chart":
            self._chart(rest)
        elif first == "population":
            return self._population(rest)
        else:
            return self._ask(first, rest, everywhere=False)
        return DONE

    def _ask(self, name: str, words: list[str], everywhere: bool) -> int:
        command = known(name)
        everywhere = everywhere or "--all" in words
        as_json = "--json" in words
        sent, kept = parse(command, [word for word in words if word not in ("--json", "--all")])
        addresses = list(self._find().values()) if everywhere else [self.address]
        outcomes = inquire(self._inquiries, addresses, name, sent, self._timeout)
        return conclude(name, outcomes, kept, as_json, self._stream)

    # --- pictures ---

    def _chart(self, words: list[str]) -> None:
        if len(words) > 1:
            raise InputError(f"chart: one curve at a time of the worker that use names; {OWN['chart'][0]}")
        word = curve_named(words[0] if words else "loss")
        columns = min(shutil.get_terminal_size((80, 24)).columns - 1, 120)
        history = self._answer("history", {"points": POINTS}, self._timeout)
        self._show(history_chart(self.name, word, history, columns, time.time()))

    def _population(self, words: list[str]) -> int:
        if words not in ([], ["--all"]):
            raise InputError(f"population: it takes no {words[0]!r}; use names the worker, all population asks every one")
        addresses = list(self._find().values()) if words else [self.address]
        for address in addresses:
            self._inquiries.add(address, "figures", {}, self._timeout)
        outcomes = sorted(self._inquiries, key=lambda outcome: addresses.index(outcome.address))
        self._show(population({one.worker: one.answer.result for one in outcomes if one.answer is not None and one.answer.ok}))
        wrong = [one for one in outcomes if one.answer is None or not one.answer.ok]
        failures = [f"{one.worker}: {one.answer.error}" if one.answer else one.error for one in wrong]
        tell(failures, program=PROGRAM)
        return FAILED if failures else DONE

    def _watch(self, words: list[str]) -> None:
        """Until Ctrl-C: the last picture stays."""
        seconds, rest = (_seconds(words[0]), words[1:]) if words and words[0][:1].isdigit() else (WATCH_SECONDS, words)
        shown = rest[1:] if rest[:1] == ["all"] else rest
        if not shown or shown[0] not in (*WATCHED, *PICTURES) or any("=" in word or word == "--set" for word in shown):
            what = f"{' '.join(shown)!r} is none" if shown else "name one"
            raise InputError(f"watch: takes a command that only shows something, and {what}; {OWN['watch'][0]}")
        while True:
            if self._stream.isatty():
                print(CLEAR, end="", file=self._stream)
            print(f"{moment()}  every {seconds:g} s: {' '.join(rest)}    Ctrl-C ends it", file=self._stream)
            self._do(list(rest))
            self._stream.flush()
            time.sleep(seconds)

    def _show(self, parts: list[Part]) -> None:
        print_parts(parts, self._stream)
        self._stream.flush()

    def _answer(self, command: str, arguments: Mapping[str, Any], timeout: float) -> Any:
        """Of the worker. Raises AdminError."""
        self._inquiries.add(self.address, command, arguments, timeout)
        (outcome,) = self._inquiries
        return outcome.result

    # --- what a terminal shows beside the answers ---

    def glance(self) -> str:
        """How the worker does, in one line for the toolbar; asked for in a moment, and never an error."""
        try:
            status = self._answer("status", {}, GLANCE_SECONDS)
        except VgpError:
            return f"{self.name}  does not answer"
        if not isinstance(status, Mapping):
            return self.name
        state = "draining" if status.get("draining") else "paused" if status.get("paused") else "running"
        figures = f"best loss {text(status.get('best_loss'))}   {count(status.get('evaluations_per_second'))} evaluations/s"
        return f"{self.name}  {state}   up {clock(status.get('uptime'))}   {figures}   {len(self.workers)} workers known"

    def settings(self) -> Mapping[str, Any]:
        """What the worker has now, by full name, for completion: at most some seconds old, empty where it does not answer."""
        address, when, found = self._settings
        if address != self.address or time.monotonic() - when > SETTINGS_SECONDS:
            try:
                answer = self._answer("parameters", {}, GLANCE_SECONDS)
                found = flat({section: values for section, values in answer.items() if isinstance(values, Mapping)})
            except (VgpError, AttributeError):
                found = {}
            self._settings = (self.address, time.monotonic(), found)
        return found

    def _use(self, words: list[str]) -> None:
        if not words:
            for name, address in self._find().items():
                print(f"{'>' if address == self.address else ' '} {name}  {address}", file=self._stream)
            return
        wanted = words[0]
        if ":" in wanted:
            self.name, self.address = self._name_of(wanted), wanted
            return
        if wanted not in self.workers and wanted not in self._find():
            raise InputError(f"there is no worker {wanted!r}; {did_you_mean(wanted, self.workers)}")
        self.name, self.address = wanted, self.workers[wanted]

    def _find(self) -> dict[str, str]:
        entrances = list(dict.fromkeys([self.address, *self._door.addresses]))
        self.workers = find_all(self._inquiries, entrances, self._timeout).workers
        return self.workers

    def _name_of(self, address: str) -> str:
        """Asks the worker, and takes note of those that it knows."""
        self._inquiries.add(address, "peers", timeout=self._timeout)
        (outcome,) = self._inquiries
        if outcome.answer is None:
            raise AdminError(outcome.error)
        if outcome.answer.ok:
            self.workers = {**self.workers, outcome.worker: address, **dict(members(outcome.answer.result))}
        return outcome.worker


def _seconds(word: str) -> float:
    """Between two pictures. Raises InputError."""
    try:
        seconds = duration(word)
    except ArgumentTypeError as error:
        raise InputError(f"watch: {error}") from None
    if not 0.2 <= seconds <= 3600:
        raise InputError(f"watch: {word} is no time between 0.2s and 1h")
    return seconds
