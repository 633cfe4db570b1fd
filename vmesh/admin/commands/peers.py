"""Shows the mesh as a worker knows it: its neighbours, other members that it keeps in mind, and its successor on the ring."""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, Table, text

SUMMARY = "The mesh as a worker knows it."
ARGUMENTS: tuple[Argument, ...] = ()
CHANGES = SLOW = False

HEADINGS = ("worker", "knows", "as", "state", "address", "admin", "incarnation")


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    return node.peers()


def printout(answers: Answers) -> list[Part]:
    rows = [row for name, peers in answers.items() for row in _rows(name, peers)]
    return [Table(HEADINGS, rows, frozenset(HEADINGS) - {"incarnation"})]


def _rows(name: str, peers: Mapping[str, Any]) -> list[tuple[str, ...]]:
    listed = [("neighbour", member) for member in peers.get("active") or ()]
    listed += [("member", member) for member in peers.get("passive") or ()]
    if peers.get("successor"):
        listed.append(("successor", peers["successor"]))
    fields = ("state", "address", "admin", "incarnation")
    rows = [(name, text(member.get("name")), kind, *(text(member.get(field)) for field in fields)) for kind, member in listed]
    return rows or [(name, "nobody", *[text(None)] * 5)]
