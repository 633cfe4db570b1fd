"""Chooses the least important messages that a worker logs from now on."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument, one_of
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, text
from vmesh.settings import LEVELS

SUMMARY = "Choose what is logged."
ARGUMENTS = (Argument("level", one_of(LEVELS), ", ".join(LEVELS), "LEVEL", required=True),)
CHANGES, SLOW = True, False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    node.log_level(arguments["level"])
    return {"log_level": arguments["level"]}


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: logs {text(result.get('log_level'))} and above" for name, result in answers.items()]
