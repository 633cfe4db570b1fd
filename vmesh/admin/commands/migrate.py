"""Sends emigrants now, not when the interval is over: to the workers named, or as the topology says."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import NAME, Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, text

SUMMARY = "Send emigrants now."
ARGUMENTS = (Argument("names", NAME, "workers to send to (default: as the topology says)", "WORKER", many=True),)
CHANGES, SLOW = True, False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.migrate(arguments["names"])


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: {text(sent.get('sent'))} organisms to {text(sent.get('to'))}" for name, sent in answers.items()]
