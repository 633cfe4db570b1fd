"""Writes a checkpoint now, and answers when it is on the disk."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, size, text

SUMMARY = "Write a checkpoint now."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES = SLOW = True


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.checkpoint()


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: {_saved(result)}" for name, result in answers.items()]


def _saved(result: Mapping[str, Any]) -> str:
    return f"{text(result.get('path'))} ({size(result.get('bytes'))}, tick {text(result.get('tick'))})"
