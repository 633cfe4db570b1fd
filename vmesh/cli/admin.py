"""vmesh admin: ask one worker, or all of them, from a script."""

import argparse
import contextlib
import dataclasses
import sys
from collections.abc import Iterator
from functools import partial

from vgp.cli.arguments import duration
from vgp.errors import InputError
from vmesh.admin.asking import Entrance, conclude, entrance, find_all, first_that_answers, inquire
from vmesh.admin.client import Inquiries
from vmesh.admin.commands import COMMANDS
from vmesh.admin.words import add_command_arguments, values_of
from vmesh.errors import AdminError

SUMMARY = "Ask a running worker, or all of them, and tell them what to do."
DESCRIPTION = """\
Without --address the newest mesh of this user on this machine is meant. vmesh admin COMMAND --help says more about a command.
Exit status: 0 done, 1 a worker refused or did not answer, 2 wrong input."""
EXAMPLES = """\
  vmesh admin status --all
  vmesh admin front --address 10.0.0.7:7101 --keys ~/cluster-keys
  vmesh admin parameters exchange.interval=2s population_size=20k --all
  vmesh admin status --all --address 172.31.0.5:7101 --via vcloud-0 --ssh-config results/vcloud/ssh_config --keys keys
  vmesh admin export best --out best.record
  vmesh admin inject "2 * mass / radius ^ 2"
  vmesh admin shutdown --all --timeout 30s"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    slot = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = slot.add_parser(name, help=command.SUMMARY, description=command.__doc__)
        add_command_arguments(sub, command)
        add_entrance_options(sub)
        sub.add_argument("--json", action="store_true", help="print one line of JSON for each worker, exactly as it answered")
        sub.add_argument("--all", action="store_true", help="ask every worker of the mesh")
        sub.set_defaults(run=partial(run, name), parser=sub)


def add_entrance_options(parser: argparse.ArgumentParser) -> None:
    """Where the mesh is; also for vmesh console."""
    group = parser.add_argument_group("mesh")
    group.add_argument("--address", metavar="HOST:PORT", help="a worker's admin address (default: the newest mesh of yours here)")
    group.add_argument("--keys", metavar="DIR", help="folder of the admin key, made by vmesh keys new (default: the mesh's own)")
    group.add_argument("--via", metavar="HOST", help="reach the addresses through ssh to this host, which is inside their network")
    group.add_argument("--ssh-config", metavar="FILE", help="ssh's configuration for --via (default: your own)")
    group.add_argument("--timeout", type=duration, default=10.0, metavar="S", help="longest wait for an answer (default: 10s)")


def run(name: str, args: argparse.Namespace) -> int:
    """Raises InputError for wrong words, AdminError if nobody answers."""
    sent, kept = values_of(COMMANDS[name], args)
    with opened(args, args.address) as door, Inquiries(door.keys, endpoint=door.endpoint) as inquiries:
        addresses = _addresses(inquiries, door, args)
        outcomes = inquire(inquiries, addresses, name, sent, args.timeout)
    if not args.all and not args.json and outcomes[0].answer is None:
        raise AdminError(outcomes[0].error)
    return conclude(name, outcomes, kept, args.json, sys.stdout)


@contextlib.contextmanager
def opened(args: argparse.Namespace, address: str | None) -> Iterator[Entrance]:
    """The entrance that options name, with a tunnel to it where they ask for one. Raises AdminError if the tunnel breaks."""
    if args.via is None:
        yield entrance(address, args.keys)
        return
    if address is None:
        raise InputError("--via needs a worker's admin address as it is known inside; console.yml prints it, or write HOST:7101")
    from vmesh.admin.tunnel import tunnel

    door = entrance(address, args.keys)
    with tunnel(args.via, args.ssh_config) as way:
        try:
            yield dataclasses.replace(door, endpoint=way.endpoint)
        except AdminError:
            way.check()  # where the tunnel is the reason, that is what to tell
            raise
        way.check()


def _addresses(inquiries: Inquiries, door: Entrance, args: argparse.Namespace) -> list[str]:
    if args.all:
        return list(find_all(inquiries, door.addresses, args.timeout).workers.values())
    return [first_that_answers(inquiries, door.addresses, args.timeout)]
