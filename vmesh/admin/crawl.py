"""Finds the whole mesh from one of its workers: each is asked for its peers, breadth first, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vgp.cli.arguments import printable

MOST_WORKERS = 100_000  # beyond that somebody makes them up
PEERS_TIMEOUT = 3.0  # s: a list of peers is given at once, even under load


class Reached(Protocol):
    """What came of asking one worker (vmesh.admin.client.Outcome)."""

    @property
    def address(self) -> str:
        """Whom it was asked of."""

    @property
    def answer(self) -> Any:
        """An `Answer`, or None."""

    @property
    def error(self) -> str:
        """Why there is none."""


class Asking(Protocol):
    """Asks many at a time (vmesh.admin.client.Inquiries)."""

    def add(self, address: str, command: str, arguments: Mapping[str, Any] | None = None, timeout: float = PEERS_TIMEOUT) -> None:
        """Asks this worker too."""

    def __iter__(self) -> Iterator[Any]:
        """Outcomes, until there are none to wait for."""


@dataclass
class Mesh:
    """What a crawl has found."""

    workers: dict[str, str] = field(default_factory=dict)  # admin address by name, in the order of names
    silent: dict[str, str] = field(default_factory=dict)  # name, or address where the name is not known: why there was no answer


def crawl(inquiries: Asking, addresses: Iterable[str], timeout: float = PEERS_TIMEOUT) -> Mesh:
    """Every worker that can be reached from those addresses. Who was restarted elsewhere since counts once."""
    names = dict.fromkeys(addresses, "")
    for address in names:
        inquiries.add(address, "peers", timeout=timeout)
    found, silent = {}, {}
    for outcome in inquiries:
        if outcome.answer is None or not outcome.answer.ok:
            silent[outcome.address] = outcome.error or outcome.answer.error
            continue
        found[outcome.answer.worker] = outcome.address
        for name, address in members(outcome.answer.result):
            if address not in names and len(names) < MOST_WORKERS:
                names[address] = name
                inquiries.add(address, "peers", timeout=timeout)
    lost = {names[address] or address: error for address, error in silent.items() if names[address] not in found}
    return Mesh(dict(sorted(found.items(), key=lambda item: place(item[0]))), dict(sorted(lost.items())))


def members(peers: Any) -> Iterator[tuple[str, str]]:
    """(name, admin address) of all that a worker knows; whatever it says, nothing is raised."""
    if not isinstance(peers, dict):
        return
    lists = [peers.get("active"), peers.get("passive"), [peers.get("successor")]]
    for member in (member for listed in lists if isinstance(listed, list) for member in listed):
        if isinstance(member, dict):
            name, address = member.get("name"), member.get("admin")
            if isinstance(name, str) and isinstance(address, str) and address:
                yield printable(name), address


def place(name: str) -> tuple[str, int, str]:
    """Orders host/2 before host/10."""
    host, _, index = name.rpartition("/")
    return (host, int(index), name) if index.isdecimal() and len(index) < 10 else (name, -1, name)
