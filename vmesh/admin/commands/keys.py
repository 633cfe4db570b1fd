"""Lists the public keys that may connect to a worker, or takes one back (--revoke): its connections are mute at once.

A key is revoked where the worker keeps its keys; workers of other machines are asked too with --all.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import TEXT, Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, text

SUMMARY = "List the keys that may connect, or revoke one."
ARGUMENTS = (Argument("revoke", TEXT, "the public key to take back", "KEY", option=True),)
CHANGES, SLOW = True, False

HEADINGS = ("worker", "domain", "name", "public key")


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    if arguments["revoke"] is not None:
        node.revoke(arguments["revoke"])
    return node.keys()


def printout(answers: Answers) -> list[Part]:
    rows = [
        (name, *(text(key.get(field)) for field in ("domain", "name", "public"))) for name, keys in answers.items() for key in keys
    ]
    return [Table(HEADINGS, rows, frozenset(HEADINGS))] if rows else ["no keys: whoever reaches the socket may ask"]
