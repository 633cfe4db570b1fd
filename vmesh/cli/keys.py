"""vmesh keys: who may join a mesh and who may administrate it."""

import argparse
import json
import sys
from pathlib import Path

from vmesh.errors import KeyFileError
from vmesh.security import ADMIN, MESH
from vmesh.security.key_file import is_key, read_public
from vmesh.security.key_folder import add, listed, new_folder, revoke

SUMMARY = "Make, add, revoke and list the keys of a cluster."
DESCRIPTION = """\
Without keys a mesh stays on its machine. With them every connection is encrypted and proves a key that stands in the folder's
list; workers and administrators have different ones. Workers follow the list while they run: a key that is revoked in the folder
that a worker reads is mute within a second. Copy the folder to every machine, by a way that keeps it secret: a worker needs
mesh-server.key, admin-server.key, worker.key and allowed; an administrator needs admin.key and admin-server.pub."""
EXAMPLES = """\
  vmesh keys new keys
  vmesh up data.csv --target y --set network.keys=keys --set network.bind=0.0.0.0 --set network.advertise=10.0.0.5
  vmesh keys add keys host-3                                # a key of its own for one machine
  vmesh keys add keys ada --role admin --public ada.pub     # made elsewhere: the folder never holds the secret
  vmesh keys revoke keys host-3
  vmesh keys list keys"""

DOMAIN_OF_ROLE = {"worker": MESH, "admin": ADMIN}
ROLE_OF_DOMAIN = {domain: role for role, domain in DOMAIN_OF_ROLE.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    new = actions.add_parser("new", help="make the keys of a cluster in a new folder")
    more = actions.add_parser("add", help="allow one more key, a new one or one that was made elsewhere")
    less = actions.add_parser("revoke", help="take a key's permission, for ever")
    show = actions.add_parser("list", help="print which keys are allowed and which are revoked")
    for action in (new, more, less, show):
        action.add_argument("folder", metavar="DIR", type=Path, help="folder of the keys")
    more.add_argument("name", metavar="NAME", help="of the key: letters, digits, dots, dashes, underscores")
    more.add_argument("--role", choices=tuple(DOMAIN_OF_ROLE), default="worker", help="what it is for (default: worker)")
    more.add_argument("--public", metavar="KEY", help="public key, or a file that holds it; the secret stays where it is")
    less.add_argument("key", metavar="NAME", help="name of the key, or the public key itself")
    show.add_argument("--json", action="store_true", help="print the list as JSON")


def run(args: argparse.Namespace) -> int:
    """Changes or prints the folder. Raises KeyFileError."""
    ACTIONS[args.action](args)
    return 0


def _new(args: argparse.Namespace) -> None:
    new_folder(args.folder)
    print(f"{args.folder}: keys made; whoever has them can join and administrate, so keep them secret")


def _add(args: argparse.Namespace) -> None:
    public = add(args.folder, args.name, DOMAIN_OF_ROLE[args.role], _public(args.public))
    where = "" if args.public else f"; its secret is in {args.folder / args.name}.key"
    print(f"{args.name}: {public} is allowed as {args.role}{where}")


def _revoke(args: argparse.Namespace) -> None:
    gone = revoke(args.folder, args.key)
    print(f"{gone.name}: {gone.public} is revoked; bring {args.folder}/revoked to every machine")


def _list(args: argparse.Namespace) -> None:
    rows = [
        {"name": one.name, "role": ROLE_OF_DOMAIN.get(one.domain, ""), "public": one.public, "revoked": one.revoked}
        for one in listed(args.folder)
    ]
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        raise KeyFileError(f"{args.folder}: holds no keys; make some with vmesh keys new {args.folder}")
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        sys.stdout.write(f"{row['name']:<{width}}  {'revoked' if row['revoked'] else row['role']:<7}  {row['public']}\n")


def _public(given: str | None) -> str | None:
    """A public key is 40 characters; anything else is a file."""
    return given if given is None or is_key(given) else read_public(Path(given))[1]


ACTIONS = {"new": _new, "add": _add, "revoke": _revoke, "list": _list}
