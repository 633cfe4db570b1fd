"""Runs a number of ticks and answers when they are done. Most useful with a paused worker."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument, whole
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, count, text

SUMMARY = "Run a number of ticks."
ARGUMENTS = (Argument("ticks", whole(1, 1_000_000_000), "how many (default: 1)", "TICKS", default=1),)
CHANGES = SLOW = True


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.advance(arguments["ticks"])


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: {_reached(result)}" for name, result in answers.items()]


def _reached(result: Mapping[str, Any]) -> str:
    return f"tick {text(result.get('tick'))}, {count(result.get('evaluations'))} evaluations"
