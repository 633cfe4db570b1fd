"""The ssh_config of a cluster: every host by its name in the mesh, with keys and known hosts of the cluster's own.

    ssh -F results/vcloud/ssh_config vcloud-0          or by the id of the instance, as inventories have it

Hosts are known by the id of their instance: a successor is another machine with another key, and nobody has to forget the old one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vgp.atomic_file import atomic_write
from vgp.errors import InputError
from vmesh.cloud.aws import Cloud
from vmesh.cloud.instances import ALIVE, DEVSERVER, Instance, listed

HEAD = """\
# Written by the playbooks, anew whenever hosts come or go. Use it as: ssh -F {path} {example}
"""
SHARED = """
Host {names}
  User {user}
  IdentityFile {identity}
  IdentitiesOnly yes
  UserKnownHostsFile {known_hosts}
  StrictHostKeyChecking accept-new
  HashKnownHosts no
  UpdateHostKeys no
  ForwardAgent no
  ControlMaster no
  ConnectTimeout 10
  ServerAliveInterval 15
  ServerAliveCountMax 4
"""
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


@dataclass(frozen=True, slots=True)
class SshHost:
    """A host that can be reached by ssh. `address`: name or IP address; `instance`: its id, by which its key is remembered."""

    name: str
    address: str
    instance: str
    user: str


@dataclass(frozen=True, slots=True)
class SshConfig:
    """How hosts are reached. Paths are absolute; `proxy_command` is empty where they are reached directly."""

    identity: Path
    known_hosts: Path
    proxy_command: str = ""

    def text(self, hosts: Sequence[SshHost], path: Path) -> str:
        """The file's content. Raises InputError for a name, an address or a path that ssh would not read as it is meant."""
        parts = [HEAD.format(path=path, example=hosts[0].name if hosts else "HOST")]
        for host in hosts:
            name, instance, address = map(_word, (host.name, host.instance, host.address))
            parts.append(f"\nHost {name} {instance}\n  HostName {address}\n  HostKeyAlias {instance}\n")
        for user in sorted({host.user for host in hosts}):
            names = " ".join(f"{host.name} {host.instance}" for host in hosts if host.user == user)
            known, identity = _path(self.known_hosts), _path(self.identity)
            shared = SHARED.format(names=names, user=_word(user), identity=identity, known_hosts=known)
            parts.append(shared + (f"  ProxyCommand {_line(self.proxy_command)}\n" if self.proxy_command else ""))
        return "".join(parts)

    def write(self, path: Path, hosts: Sequence[SshHost], *, pretend: bool = False) -> bool:
        """Writes the file where it is not so already; returns whether that changed it, or would. Raises InputError."""
        content = self.text(hosts, path).encode()
        try:
            if path.exists() and path.read_bytes() == content:
                return False
            if not pretend:
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic_write(path, content)
        except OSError as error:
            raise InputError(f"{path}: {(error.strerror or str(error)).lower()}") from None
        return True


def module(parameters: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The Ansible module cluster_ssh_config: a file with every instance that lives. Raises InputError, CloudError."""
    told = parameters
    config = SshConfig(Path(told["identity"]).absolute(), Path(told["known_hosts"]).absolute(), told["proxy_command"])
    hosts = hosts_of(listed(Cloud(told["region"]), told["cluster"], None, ALIVE), told["address"], told["user"], told["users"])
    path = Path(told["path"]).absolute()
    return {"changed": config.write(path, hosts, pretend=check), "path": str(path), "hosts": [host.name for host in hosts]}


def hosts_of(found: Sequence[Instance], address: str, user: str, users: Mapping[str, str]) -> list[SshHost]:
    """Those that have a name and an address. `address`: public_hostname or private_address; `users`: by role, default `user`."""
    named = [one for one in found if one.role and (one.index is not None or one.role == DEVSERVER)]
    return [
        SshHost(one.name, where, one.instance, users.get(one.role) or user)
        for one in named
        if (where := one.public_hostname if address == "public_hostname" else one.private_address)
    ]


def _word(text: str) -> str:
    if not WORD.fullmatch(text):
        raise InputError(f"'{text}' cannot stand in an ssh_config; a host needs a name and an address without blanks")
    return text


def _path(path: Path) -> str:
    text = _line(str(path))
    if '"' in text:
        raise InputError(f"{text}: ssh cannot read a path with a quotation mark; choose another folder")
    return '"' + text.replace("%", "%%") + '"'


def _line(text: str) -> str:
    if not text.isprintable():
        raise InputError(f"{text!r} cannot stand in an ssh_config; it has characters that cannot be printed")
    return text
