"""The command that opens the admin console of a cluster, checked by asking the mesh through the same tunnel."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vgp.errors import InputError
from vmesh.admin.client import Inquiries
from vmesh.admin.crawl import Mesh, crawl
from vmesh.cloud.aws import Cloud
from vmesh.cloud.doors import Door, through
from vmesh.cloud.living import Living, found
from vmesh.errors import AdminError

SHOWN = 4  # addresses in the command


def module(parameters: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The Ansible module cluster_console. Raises InputError, AdminError, CloudError, StorageError."""
    living = found(Cloud(parameters["region"]), parameters)
    door, mesh = opened(living)
    words = command(living, door)
    told = [f"{name} is known but does not answer: {why}" for name, why in mesh.silent.items()]
    workers = f"{len(mesh.workers)} workers answer" if len(mesh.workers) > 1 else "1 worker answers"
    lines = [*told, f"{workers} through {door.name}; the console:", f"  {words}"]
    return {"changed": False, "command": words, "node": door.name, "workers": list(mesh.workers), "lines": lines}


def opened(living: Living) -> tuple[Door, Mesh]:
    """The first door through which the mesh answers. Raises InputError if no node runs, AdminError with what the last one said."""
    if not living.nodes:
        raise InputError(f"no node of {living.cluster} runs; launch some with ansible-playbook launch.yml -e nodes=2")
    return through(living.doors, living.ssh.config, living.keys, _known)


def _known(inquiries: Inquiries, door: Door) -> tuple[Door, Mesh]:
    mesh = crawl(inquiries, door.admin)
    if not mesh.workers:
        raise AdminError(next(iter(mesh.silent.values()), f"no worker of {door.name} answers"))
    return door, mesh


def command(living: Living, door: Door) -> str:
    """As it can be typed in any folder."""
    program = Path(sys.executable).with_name("vmesh")
    words = [str(program) if program.exists() else "vmesh", "console", ",".join(door.admin[:SHOWN])]
    words += ["--via", door.name, "--ssh-config", str(living.ssh.config)]
    words += ["--keys", str(living.keys)] if living.keys is not None else []
    return shlex.join(words)
