"""Readies a worker for its end: it stops evolving, sends its front to its neighbours, and writes a checkpoint.

After that shutdown loses nothing.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, text

SUMMARY = "Hand everything over, ready for shutdown."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES = SLOW = True


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.drain()


def printout(answers: Answers) -> list[Part]:
    return [
        f"{name}: drained; {text(result.get('sent'))} organisms sent, checkpoint {text(result.get('path'))}"
        for name, result in answers.items()
    ]
