"""Lets a paused worker evolve again."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part

SUMMARY = "Evolve again after pause."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES, SLOW = True, False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    node.resume()
    return {"paused": False}


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: running" for name in answers]
