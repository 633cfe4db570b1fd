"""Moves a mesh that evolves to another table: one of its workers is told, through ssh to its node, and the others hear of it."""

from __future__ import annotations

from vmesh.admin.asking import first_that_answers
from vmesh.admin.client import Inquiries
from vmesh.cloud.doors import Door, through
from vmesh.cloud.living import Living
from vmesh.errors import AdminError

LONG = 300.0  # s: the worker that is asked fetches and checks the table before it answers


def move(living: Living, url: str) -> str:
    """The name of the worker that was told. Raises AdminError with what the last node that was tried said, KeyFileError."""
    try:
        return through(living.doors, living.ssh.config, living.keys, lambda inquiries, door: _tell(inquiries, door, url))
    except AdminError as error:
        raise AdminError(
            f"the nodes that run were not told of the new table: {error}; run the same command again once they evolve, "
            "or end them first: ansible-playbook terminate.yml"
        ) from None


def _tell(inquiries: Inquiries, door: Door, url: str) -> str:
    address = first_that_answers(inquiries, door.admin, 5.0)
    inquiries.add(address, "data", {"url": url}, LONG)
    (outcome,) = inquiries
    _ = outcome.result
    return outcome.worker
