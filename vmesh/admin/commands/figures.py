"""Tells a worker's figures: all numbers of one moment, for programs that watch it (vmesh/figures/record.py says what each one is).

What the asker has already is left out: the front of that version, and the log up to that line.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import TEXT, Argument, whole
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, clock, count, size, text

SUMMARY = "All numbers of a worker, for programs."
ARGUMENTS = (
    Argument("front", TEXT, "version of the front that is known already", "VERSION", option=True, default=""),
    Argument("line", whole(0, 1 << 62), "last line of the log that is known already", "LINE", option=True, default=0),
)
CHANGES = SLOW = False

HEADINGS = ("worker", "state", "tick", "births", "deaths", "immigrants", "mean size", "mean age", "diversity", "memory", "cpu")


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.figures(arguments["front"], arguments["line"])


def printout(answers: Answers) -> list[Part]:
    return [Table(HEADINGS, [_row(name, told) for name, told in answers.items()], frozenset({"worker", "state"}))]


def _row(name: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    deaths = told["deaths"]
    memory = (told.get("memory_bytes") or 0) + (told.get("sandbox_memory_bytes") or 0)
    return (
        *(name, text(told.get("state")), text(told.get("tick")), count(told.get("births")), count(sum(deaths.values()))),
        *(count(told.get("immigrants")), text(told.get("mean_size")), text(told.get("mean_age")), text(told.get("diversity"))),
        *(size(memory), clock(told.get("cpu_seconds"))),
    )
