"""Moves a mesh that evolves to another table: one of its workers is told, through ssh to its node, and the others hear of it."""

from __future__ import annotations

from vmesh.admin.asking import first_that_answers
from vmesh.admin.client import Inquiries
from vmesh.admin.tunnel import tunnel
from vmesh.cloud.living import Living
from vmesh.cloud.mesh_front import DOORS, Door
from vmesh.errors import AdminError
from vmesh.security.key_folder import AdminKeys, admin_keys

LONG = 300.0  # s: the worker that is asked fetches and checks the table before it answers


def move(living: Living, url: str) -> str:
    """The name of the worker that was told. Raises AdminError with what the last node that was tried said, KeyFileError."""
    proof = admin_keys(living.keys) if living.keys is not None else None
    last = AdminError("no node has told yet where its workers hear administrators")
    for door in living.doors[:DOORS]:
        try:
            return told(living, door, proof, url)
        except AdminError as error:
            last = error
    raise AdminError(
        f"the nodes that run were not told of the new table: {last}; run the same command again once they evolve, "
        "or end them first: ansible-playbook terminate.yml"
    )


def told(living: Living, door: Door, proof: AdminKeys | None, url: str) -> str:
    """Through one node. Raises AdminError."""
    with tunnel(door.name, living.ssh.config) as way, Inquiries(proof, endpoint=way.endpoint) as inquiries:
        address = first_that_answers(inquiries, door.admin, 5.0)
        inquiries.add(address, "data", {"url": url}, LONG)
        (outcome,) = inquiries
        _ = outcome.result
        return outcome.worker
