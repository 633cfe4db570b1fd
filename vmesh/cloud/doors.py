"""Into the mesh of a cluster through ssh to one of its nodes: the first one that lets in does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from vmesh.admin.client import Inquiries
from vmesh.admin.tunnel import tunnel
from vmesh.errors import AdminError
from vmesh.security.key_folder import admin_keys

Found = TypeVar("Found")
TRIED = 3  # nodes at most


@dataclass(frozen=True)
class Door:
    """A node to enter the mesh by: as ssh knows it, and where its workers hear administrators."""

    name: str
    admin: tuple[str, ...]


def through(doors: Sequence[Door], ssh_config: Path, keys: Path | None, work: Callable[[Inquiries, Door], Found]) -> Found:
    """What `work` gives behind the first door where it raises no AdminError.

    `keys`: folder of the mesh's keys, None if it has none. Raises AdminError with what the last door said, KeyFileError.
    """
    proof = admin_keys(keys) if keys is not None else None
    last = AdminError("no node has told yet where its workers hear administrators; look at status.yml")
    for door in doors[:TRIED]:
        try:
            with tunnel(door.name, ssh_config) as way, Inquiries(proof, endpoint=way.endpoint) as inquiries:
                return work(inquiries, door)
        except AdminError as error:
            last = error
    raise last
