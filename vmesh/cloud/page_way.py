"""How a person gets to the page of a cluster, which every node serves on its own loopback: a tunnel, an address with the token."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vmesh.page.access import token_of
from vmesh.security.key_folder import PAGE_TOKEN

PORT = 7080  # roles/vmesh/defaults/main.yml


def lines(given: Mapping[str, Any]) -> list[str]:
    """What to print; nothing where no node runs, or where this is not the machine that has the keys.

    `nodes`: names of nodes that run; `ssh_config`, `keys`: paths. Raises SettingsError for a token that cannot be used.
    """
    nodes: Sequence[str] = given["nodes"]
    file = Path(given["keys"]) / PAGE_TOKEN
    if not nodes or not file.exists():
        return []
    way = shlex.join(["ssh", "-N", "-L", f"{PORT}:127.0.0.1:{PORT}", "-F", str(given["ssh_config"]), nodes[0]])
    return ["the page, as long as this runs, and its address, which is a secret:", f"  {way}", f"  {address(token_of(str(file)))}"]


def address(token: str) -> str:
    """In a browser on this machine."""
    return f"http://127.0.0.1:{PORT}/{token}/"
