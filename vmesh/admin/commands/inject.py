"""Puts organisms into a worker: formulas over the columns' names, or the portable record of a file (--record).

They are evaluated as strangers, like immigrants; the answer says what became of them.
"""

from collections.abc import Mapping
from typing import Any

from vgp.errors import InputError
from vmesh.admin.arguments import FORMULA, RECORD, Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, text

SUMMARY = "Put in formulas, or organisms of a record."
ARGUMENTS = (
    Argument("formulas", FORMULA, 'such as "2 * mass / radius ^ 2"; quotes hold one together', "FORMULA", many=True),
    Argument("record", RECORD, "a file written by export", "FILE", option=True),
)
CHANGES = SLOW = True


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    if (arguments["formulas"] is None) == (arguments["record"] is None):
        raise InputError("give either formulas or a record")
    return node.inject(arguments["record"] if arguments["formulas"] is None else arguments["formulas"])


def printout(answers: Answers) -> list[Part]:
    rows = [_row(name, report) for name, report in answers.items()]
    return [Table(("worker", "accepted", "held already", "no room", "refused"), rows, frozenset({"worker", "refused"}))]


def _row(name: str, report: Mapping[str, Any]) -> tuple[str, ...]:
    refused = ", ".join(f"{number} {reason}" for reason, number in (report.get("rejected") or {}).items())
    return (name, *(text(report.get(key)) for key in ("accepted", "duplicate", "no_room")), text(refused))
