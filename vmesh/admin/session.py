"""A conversation with a mesh: which worker is meant, and what a typed line does. No terminal in it."""

from __future__ import annotations

from typing import TextIO

from vgp.cli.streams import tell
from vgp.errors import InputError, VgpError
from vgp.suggestions import did_you_mean
from vmesh.admin.asking import DONE, FAILED, PROGRAM, WRONG, Entrance, conclude, find_all, first_that_answers, inquire
from vmesh.admin.client import Inquiries
from vmesh.admin.crawl import members
from vmesh.admin.manuals import help_text, known
from vmesh.admin.words import parse, split
from vmesh.errors import AdminError


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
            return self._ask(rest[0], rest[1:], everywhere=True)
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
