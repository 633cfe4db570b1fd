"""Shows the most accurate formula that a worker knows."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, r2, text

SUMMARY = "The most accurate formula."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES = SLOW = False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    """The last entry of the front, or None as long as there is none."""
    front = node.front()
    return front[-1] if front else None


def printout(answers: Answers) -> list[Part]:
    rows = [_row(name, entry or {}) for name, entry in answers.items()]
    return [Table(("worker", "size", "loss", "R2", "formula"), rows, frozenset({"worker", "formula"}))]


def _row(name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    return name, text(entry.get("size")), text(entry.get("loss")), r2(entry.get("r2")), text(entry.get("formula"))
