"""vmesh console: talk to a running mesh."""

import argparse

from vmesh.cli.admin import add_entrance_options, opened

SUMMARY = "Talk to a running mesh: an interactive vmesh admin."
DESCRIPTION = """\
Type help for the commands; Tab completes, the arrow keys go through what was typed before. Ctrl-C drops a line or a command that
takes too long, Ctrl-D ends. Without a terminal it reads one command a line."""
EXAMPLES = """\
  vmesh console
  vmesh console 10.0.0.7:7101 --keys ~/cluster-keys
  vmesh console 172.31.0.5:7101 --via vcloud-0 --ssh-config results/vcloud/ssh_config --keys results/vcloud/keys
  echo "all status" | vmesh console"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("worker", nargs="?", metavar="HOST:PORT", help="a worker's admin address, the same as --address")
    add_entrance_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises MeshError, KeyFileError, AdminError if there is nobody to talk to."""
    from vmesh.admin.console import converse

    with opened(args, args.worker or args.address) as door:
        return converse(door, args.timeout)
