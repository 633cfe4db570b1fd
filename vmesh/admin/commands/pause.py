"""Stops the ticks of a worker until resume. It stays in the mesh, answers, and may be advanced by hand."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part

SUMMARY = "Stop evolving until resume."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES, SLOW = True, False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    node.pause()
    return {"paused": True}


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: paused" for name in answers]
