"""The folder of a cluster's keys, made once and copied to every machine:

    mesh-server.key  admin-server.key      what every worker proves to those who connect to it; .pub: what they expect
    worker.key  admin.key  NAME.key        what proves who connects; page.key: the web page of any node of a cluster
    allowed/mesh/NAME.pub                  who may connect to workers as a worker
    allowed/admin/NAME.pub                 who may administrate
    revoked/NAME.pub                       who may do neither any more, whatever else stands here

A worker needs both servers' keys, one client's and `allowed`; an administrator's machine needs admin.key and admin-server.pub.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from vmesh.errors import KeyFileError
from vmesh.security import ADMIN, DOMAINS, MESH
from vmesh.security.key_file import (
    CREDENTIAL,
    KeyPair,
    check_name,
    is_key,
    new_pair,
    read_pair,
    read_public,
    write_pair,
    write_public,
)

CLIENTS = {MESH: "worker", ADMIN: "admin"}
PAGE = "page"  # never taken for a machine's own key: whoever means it names it
PAGE_TOKEN = f"{PAGE}.token"  # what opens the page of any node
SERVERS = {MESH: "mesh-server", ADMIN: "admin-server"}
NODE_SECRETS = tuple(f"{name}.key" for name in (*SERVERS.values(), CLIENTS[MESH]))  # what every node of a cluster has


@dataclass(frozen=True, slots=True)
class WorkerKeys:
    """What a worker proves as a server, by domain, and as a client of other workers."""

    folder: Path
    servers: dict[str, KeyPair]
    client: KeyPair


@dataclass(frozen=True, slots=True)
class AdminKeys:
    """What an administrator's client proves, and what it expects of a worker."""

    client: KeyPair
    server: str  # public key


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as `vmesh keys list` shows it; `domain` is empty for a revoked one."""

    name: str
    domain: str
    public: str
    revoked: bool


def new_folder(folder: Path) -> None:
    """Makes the keys of a cluster. Raises KeyFileError if there are some already."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.glob("*.key")):
            raise KeyFileError(f"{folder}: there are keys already; choose another folder, or add a key with vmesh keys add")
        for part in (*(Path("allowed") / domain for domain in DOMAINS), Path("revoked")):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(f"{folder}: cannot be made: {error.strerror}; choose another folder") from error
    for domain in DOMAINS:
        server = new_pair(SERVERS[domain])
        write_pair(folder / f"{server.name}.key", server)
        write_public(folder / f"{server.name}.pub", server.name, server.public)
        add(folder, CLIENTS[domain], domain)


def add(folder: Path, name: str, domain: str, public: str | None = None) -> str:
    """Allows one more key in a domain, a new one or one that was made elsewhere; returns its public half. Raises KeyFileError."""
    check_name(name)
    allowed = folder / "allowed" / domain / f"{name}.pub"
    if not allowed.parent.is_dir():
        raise KeyFileError(f"{folder}: is no folder of keys; make one with vmesh keys new {folder}")
    if name in SERVERS.values() or any(one.name == name for one in listed(folder)):
        raise KeyFileError(f"{folder}: there is a key called {name} already; choose another name")
    if public is not None:
        if not is_key(public):
            raise KeyFileError(f"{public!r} is no public key; it has 40 characters and stands in a file NAME.pub")
        refuse_second_role(folder, public)
    else:
        pair = new_pair(name)
        write_pair(folder / f"{name}.key", pair)
        public = pair.public
    write_public(allowed, name, public)
    return public


def refuse_second_role(folder: Path, public: str) -> None:
    """A key has one role, and a revoked one never comes back under another name."""
    for one in listed(folder):
        if one.public == public:
            state = "was revoked" if one.revoked else f"is allowed already for {one.domain}"
            raise KeyFileError(f"{folder}: this key is called {one.name} and {state}; make a new key")


def revoke(folder: Path, which: str) -> Listed:
    """Takes the permission of a key, given by name or public half, from now on. Raises KeyFileError.

    A key that is not known here can be revoked by its public half, should it turn up.
    """
    found = next((one for one in listed(folder) if which in (one.name, one.public) and not one.revoked), None)
    if found is None and not is_key(which):
        raise KeyFileError(f"{folder}: no key called {which} is allowed; vmesh keys list {folder} shows which are")
    name, public, domain = (found.name, found.public, found.domain) if found else ("unknown", which, "")
    revoked = folder / "revoked" / f"{name}.pub"
    for number in range(2, 10_000):
        if not revoked.exists():
            break
        revoked = folder / "revoked" / f"{name}-{number}.pub"
    try:
        revoked.parent.mkdir(exist_ok=True)
        write_public(revoked, name, public)
        for path in (folder / "allowed").glob("*/*.pub"):
            if _public_of(path) == public:
                path.unlink()
    except OSError as error:
        raise KeyFileError(f"{folder}: cannot be changed: {error.strerror}") from error
    return Listed(name, domain, public, revoked=True)


def listed(folder: Path) -> list[Listed]:
    """The keys that are allowed or revoked, by name; files that are no keys are left out."""
    places = [(domain, folder / "allowed" / domain, False) for domain in DOMAINS] + [("", folder / "revoked", True)]
    found = [
        Listed(path.stem, domain, public, revoked)
        for domain, place, revoked in places
        for path in place.glob("*.pub")
        if (public := _public_of(path)) is not None
    ]
    return sorted(found, key=lambda one: (one.revoked, one.domain, one.name))


def worker_keys(folder: Path, credentials: Path | None = None) -> WorkerKeys:
    """What a worker needs. `credentials`: where the secrets are, if they are not in the folder. Raises KeyFileError."""
    _check(folder)
    servers = {domain: _secret(folder, credentials, f"{name}.key") for domain, name in SERVERS.items()}
    return WorkerKeys(folder, servers, _client(folder, credentials, MESH))


def admin_keys(folder: Path, credentials: Path | None = None, name: str = "") -> AdminKeys:
    """What an administrator needs; `credentials` as above; `name`: of the key to prove, where it is not the only one.
    Raises KeyFileError."""
    _check(folder)
    client = _secret(folder, credentials, f"{name}.key") if name else _client(folder, credentials, ADMIN)
    return AdminKeys(client, read_public(folder / f"{SERVERS[ADMIN]}.pub")[1])


def _secret(folder: Path, credentials: Path | None, name: str) -> KeyPair:
    return read_pair(folder / name) if credentials is None else read_pair(credentials / name, CREDENTIAL)


def _client(folder: Path, credentials: Path | None, domain: str) -> KeyPair:
    """The key of that role under its usual name, or else the only one that is there and allowed."""
    place = folder if credentials is None else credentials
    usual = place / f"{CLIENTS[domain]}.key"
    if usual.exists():
        return _secret(folder, credentials, usual.name)
    allowed = {one.name for one in listed(folder) if one.domain == domain} - {PAGE}
    others = [path for path in sorted(place.glob("*.key")) if path.stem in allowed]
    if len(others) > 1:
        names = ", ".join(path.name for path in others)
        raise KeyFileError(f"{place}: which key is this machine's? leave one of {names} here, or call it {usual.name}")
    return _secret(folder, credentials, (others[0] if others else usual).name)


def _check(folder: Path) -> None:
    if not os.path.isdir(folder):
        raise KeyFileError(f"{folder}: there is no such folder of keys; make one with vmesh keys new {folder}")


def _public_of(path: Path) -> str | None:
    try:
        return read_public(path)[1]
    except KeyFileError:
        return None
