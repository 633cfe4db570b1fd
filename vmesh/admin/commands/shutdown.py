"""Ends a worker: it writes a checkpoint, leaves the mesh and is not started again. shutdown --all ends the mesh."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part

SUMMARY = "End a worker."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES, SLOW = True, False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    node.shutdown()
    return {"leaving": True}


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: leaving" for name in answers]
