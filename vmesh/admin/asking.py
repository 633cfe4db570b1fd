"""One command of an administrator, from typed arguments to what is printed: for the command line and for the console alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from vgp.cli.streams import tell
from vmesh.addresses import well_formed_address
from vmesh.admin.arguments import checked
from vmesh.admin.client import Inquiries, Outcome
from vmesh.admin.commands import COMMANDS, Command
from vmesh.admin.crawl import Mesh, crawl
from vmesh.admin.printing import Part, print_parts
from vmesh.errors import AdminError, SettingsError
from vmesh.security.key_folder import AdminKeys, admin_keys

DONE, FAILED, WRONG = 0, 1, 2  # exit statuses
WRONG_REASONS = ("arguments", "unknown", "malformed", "version", "too-large")
PROGRAM = "vmesh"


@dataclass(frozen=True)
class Entrance:
    """Where an administrator enters the mesh, and with which keys."""

    addresses: tuple[str, ...]  # any of them will do
    keys: AdminKeys | None
    endpoint: Callable[[str], str] | None = None  # what ZeroMQ connects to instead of an address, where a tunnel leads there


def entrance(address: str | None, keys: str | None) -> Entrance:
    """The workers that options name, or those of the newest mesh of this user on this machine. Raises MeshError, KeyFileError."""
    if address is not None:
        addresses = tuple(part.strip() for part in address.split(",") if part.strip())
        for wrong in (part for part in addresses if not well_formed_address(part)):
            raise SettingsError(f"'{wrong}' is no address; write HOST:PORT, for example 10.0.0.7:7101")
        return Entrance(addresses, _keys(keys))
    from vmesh import runtime

    newest = runtime.newest()
    return Entrance(newest.admin_addresses, _keys(keys or newest.keys or None))


def _keys(folder: str | None) -> AdminKeys | None:
    return admin_keys(Path(folder).expanduser()) if folder else None


def inquire(
    inquiries: Inquiries, addresses: Sequence[str], name: str, arguments: Mapping[str, Any], timeout: float
) -> list[Outcome]:
    """Asks all of them at a time; outcomes in the order of the addresses."""
    checked(COMMANDS[name].ARGUMENTS, arguments)  # what is wrong is told before anybody is asked
    for address in addresses:
        inquiries.add(address, name, arguments, timeout)
    order = {address: place for place, address in enumerate(addresses)}
    return sorted(inquiries, key=lambda outcome: order[outcome.address])


def first_that_answers(inquiries: Inquiries, addresses: Sequence[str], timeout: float) -> str:
    """The address to ask where any worker will do. Raises AdminError."""
    errors = []
    for address in addresses if len(addresses) > 1 else ():
        inquiries.add(address, "peers", timeout=min(timeout, 2.0))
        (outcome,) = inquiries
        if outcome.answer is not None:
            return address
        errors.append(outcome.error)
    if errors or not addresses:
        raise AdminError(errors[0] if errors else "no address was given; write HOST:PORT")
    return addresses[0]


def find_all(inquiries: Inquiries, addresses: Sequence[str], timeout: float) -> Mesh:
    """All workers. Those that others know of but that do not answer are told about. Raises AdminError if nobody answers."""
    mesh = crawl(inquiries, addresses, min(timeout, 3.0))
    if not mesh.workers:
        raise AdminError(next(iter(mesh.silent.values()), "no address was given; write HOST:PORT"))
    for name, error in mesh.silent.items():
        tell([f"{name} is known but does not answer: {error}"], program=PROGRAM)
    return mesh


def conclude(name: str, outcomes: Sequence[Outcome], kept: Mapping[str, Any], as_json: bool, stream: TextIO) -> int:
    """Prints and keeps what came; tells of failures on stderr. Returns the exit status."""
    command = COMMANDS[name]
    answers = {outcome.worker: outcome.answer.result for outcome in outcomes if outcome.answer is not None and outcome.answer.ok}
    if as_json:
        for outcome in outcomes:
            print(json.dumps(_record(outcome), ensure_ascii=False), file=stream)
    lines = _keep(command, answers, kept)
    if not as_json and answers:
        print_parts(lines or _printout(command, answers), stream)
    stream.flush()
    return _complain(outcomes)


def _record(outcome: Outcome) -> dict[str, Any]:
    answer = outcome.answer
    if answer is not None and answer.ok:
        return {"worker": outcome.worker, "address": outcome.address, "ok": True, "result": answer.result}
    reason, error = ("silent", outcome.error) if answer is None else (answer.reason, answer.error)
    return {"worker": outcome.worker, "address": outcome.address, "ok": False, "reason": reason, "error": error}


def _keep(command: Command, answers: Mapping[str, Any], kept: Mapping[str, Any]) -> list[str]:
    keepers = [(argument.keep, kept[argument.name]) for argument in command.ARGUMENTS if argument.keep and argument.name in kept]
    return [line for keep, value in keepers for line in keep(answers, value)] if answers else []


def _printout(command: Command, answers: Mapping[str, Any]) -> list[Part]:
    try:
        return command.printout(answers)
    except (AttributeError, KeyError, TypeError, ValueError):  # a worker of another version, or one that plays tricks
        raise AdminError("the answer is not what this version expects; look at it with --json") from None


def _complain(outcomes: Sequence[Outcome]) -> int:
    status = DONE
    for outcome in outcomes:
        if outcome.answer is not None and outcome.answer.ok:
            continue
        wrong = outcome.answer is not None and outcome.answer.reason in WRONG_REASONS
        status = WRONG if wrong else max(status, FAILED)
        message = outcome.error if outcome.answer is None else f"{outcome.worker}: {outcome.answer.error}"
        tell([message], program=PROGRAM)
    return status


