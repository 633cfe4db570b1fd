"""Shows the best formula of each size: every one is more accurate than all smaller ones.

With several workers, the front of what all of them know, and who knows it. --json gives each worker's own, with records.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, r2, text

SUMMARY = "The best formula of each size."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES = SLOW = False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.front()


def printout(answers: Answers) -> list[Part]:
    candidates = sorted(
        ((entry["size"], entry["loss"], name, entry) for name, front in answers.items() for entry in front if _has_loss(entry)),
        key=lambda candidate: candidate[:3],
    )
    kept: list[tuple[Any, ...]] = []
    for candidate in candidates:
        if not kept or candidate[1] < kept[-1][1]:
            kept.append(candidate)
    rows = [
        (text(size), text(float(loss)), r2(entry.get("r2")), name, text(entry.get("formula"))) for size, loss, name, entry in kept
    ]
    if not rows:
        return ["no formula yet"]
    return [Table(("size", "loss", "R2", "worker", "formula"), rows, frozenset({"worker", "formula"}))]


def _has_loss(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("loss"), (int, float)) and isinstance(entry.get("size"), int)
