"""Moves the whole mesh to another table with the same columns: a file that every worker can read, a folder, or s3://bucket/key.

A path is taken from the folder that you are in. The worker that is asked fetches and checks it first and answers then; the others
follow as the news reaches them.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import CHECKSUM, TABLE, Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, text

SUMMARY = "Move the mesh to another table."
ARGUMENTS = (
    Argument("url", TABLE, "where the table is", "URL", required=True),
    Argument("checksum", CHECKSUM, "SHA-256 that it must have", "SHA256", option=True),
)
CHANGES = SLOW = True


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.announce_data(arguments["url"], arguments["checksum"])


def printout(answers: Answers) -> list[Part]:
    return [
        f"{name}: {text(data.get('url'))} is version {text(data.get('version'))} ({text(data.get('rows'))} rows)"
        for name, data in answers.items()
    ]
