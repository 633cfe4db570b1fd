"""vmesh top: the mesh live in a terminal."""

import argparse
import os
import sys

from vgp.cli.arguments import duration
from vmesh.cli.admin import add_entrance_options, opened

SUMMARY = "Watch a running mesh in the terminal: workers, formulas, births and deaths, live."
DESCRIPTION = """\
Shows the whole mesh once a second. Press ? for the keys: sorting, filtering, a worker's details, pause, resume, checkpoint and
drain, which all ask first. q or Ctrl-C ends it, and the mesh goes on. Where stdout is no terminal, or one that cannot be drawn on
(TERM=dumb), it prints one picture as plain text and ends. With NO_COLOR=1 it has no colours."""
EXAMPLES = """\
  vmesh top
  vmesh top --sort memory
  vmesh top 10.0.0.7:7101 --keys ~/cluster-keys
  vmesh top 172.31.0.5:7101 --via vcloud-0 --ssh-config results/vcloud/ssh_config --keys results/vcloud/keys
  vmesh top --once | less
  vmesh top --count 60 --interval 10s > mesh.log"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from vmesh.top.columns import ORDERS

    parser.add_argument("worker", nargs="?", metavar="HOST:PORT", help="a worker's admin address, the same as --address")
    shown = parser.add_argument_group("picture")
    shown.add_argument("--once", action="store_true", help="print one picture as plain text and end")
    shown.add_argument("--count", type=positive, metavar="N", help="print so many as plain text, an interval apart, and end")
    shown.add_argument("--interval", type=interval, default=1.0, metavar="S", help="between two looks at the mesh (default: 1s)")
    shown.add_argument("--seconds", type=duration, metavar="S", help="end after this time")
    orders = f"order of the workers (default: worker): {', '.join(ORDERS)}"
    shown.add_argument("--sort", choices=ORDERS, default="worker", metavar="COLUMN", help=orders)
    add_entrance_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises MeshError, KeyFileError, AdminError if there is no mesh to be seen."""
    from vmesh.top.columns import FALLING
    from vmesh.top.looking import Looking
    from vmesh.top.plain import print_all, title_of
    from vmesh.top.state import State
    from vmesh.watch.watcher import Watcher

    plain = args.once or args.count is not None or not drawable()
    state = State(order=args.sort, falling=FALLING[args.sort])
    with opened(args, args.worker or args.address) as door, Looking(Watcher(door), args.interval) as looking:
        view = looking.first()
        if plain:
            print_all(looking, view, state, looking.kind, pictures(args), args.seconds)
        else:
            from vmesh.top.screen import show

            show(looking, view, state, title_of(view), looking.kind, args.seconds)
    return 0


def pictures(args: argparse.Namespace) -> int | None:
    """How many where no picture can be drawn; None: as many as the time allows."""
    if args.once or (args.count is None and args.seconds is None):
        return 1
    return args.count


def drawable() -> bool:
    """Whether both ends are a terminal that understands more than lines."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of pictures; give a whole number above 0")
    return int(text)


def interval(text: str) -> float:
    """At least a tenth of a second: every look asks every worker."""
    seconds = duration(text)
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"'{text}' is no interval between 0.1s and 1h")
    return seconds
