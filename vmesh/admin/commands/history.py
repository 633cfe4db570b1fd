"""Tells how a worker did through all its lives: its history, thinned to some rows.

--json gives the columns; without it the last rows are shown.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument, whole
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, count, text

SUMMARY = "How a worker did in the past."
ARGUMENTS = (
    Argument("points", whole(2, 5000), "at most so many rows (default: 300)", "ROWS", option=True, default=300),
    Argument("since", whole(0, 1 << 40), "not before this moment, in seconds since 1970", "SECONDS", option=True, default=0),
)
CHANGES = SLOW = False

SHOWN = 20  # rows
HEADINGS = ("worker", "time", "tick", "evaluations", "per s", "best loss")


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.history(arguments["points"], float(arguments["since"]))


def printout(answers: Answers) -> list[Part]:
    rows = [row for name, told in answers.items() for row in _rows(name, told)]
    return [Table(HEADINGS, rows, frozenset({"worker", "time"}))] if rows else ["no history yet"]


def _rows(name: str, told: Mapping[str, Any]) -> list[tuple[str, ...]]:
    import time

    columns = [told.get(column) or [] for column in ("time", "tick", "evaluations", "pace", "best_loss")]
    return [
        (name, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)), text(tick), count(evaluations), count(pace), text(loss))
        for moment, tick, evaluations, pace, loss in list(zip(*columns, strict=False))[-SHOWN:]
    ]
