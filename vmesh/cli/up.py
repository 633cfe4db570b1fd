"""vmesh up: the mesh of this machine."""

import argparse
import socket
from typing import TYPE_CHECKING, Any

from vgp.cli.arguments import duration
from vmesh import values
from vmesh.addresses import is_loopback
from vmesh.cli.data_options import add_column_options, columns_of
from vmesh.cli.page import port
from vmesh.cli.settings_options import add_settings_options, settled
from vmesh.cli.worker import addresses
from vmesh.errors import SettingsError
from vmesh.sources import Settled

if TYPE_CHECKING:
    from vmesh.launcher.request import Request

SUMMARY = "Evolve formulas on all cores of this machine, alone or as a part of a larger mesh."
DESCRIPTION = """\
Starts a worker for each core, gives each its share of the memory, and looks after them: one that dies is started again from its
last checkpoint. A web page, at the address that is printed, shows them. Ctrl-C or SIGTERM: all checkpoint and leave within 5 s, the
best formula of each size is printed, and the status is 0; a second Ctrl-C ends everything at once. Settings come from a preset, a
file, the environment and these options: see vmesh config."""
EXAMPLES = """\
  vmesh up examples/planets.csv --target orbital_period_days --seconds 60 --save kepler.json
  vmesh up s3://bucket/table.parquet --target y --workers 4 --memory 8G --checkpoint-dir state
  vmesh up table.csv --target y --seeds 10.0.0.1:7100,10.0.0.2:7100 --set network.bind=10.0.0.3 --set network.keys=keys"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="a .csv, .tsv or .parquet file, a folder of them, or s3://bucket/key")
    add_column_options(parser)
    mesh = parser.add_argument_group("mesh")
    mesh.add_argument("--workers", type=workers, metavar="N", help="worker processes (default: one for each core)")
    mesh.add_argument("--memory", type=size, metavar="SIZE", help="for all workers together: 8G (default: what can be spared)")
    mesh.add_argument("--seeds", type=addresses, default=(), metavar="A,B", help="HOST:PORT of workers to join, two or more")
    mesh.add_argument("--hostname", metavar="NAME", help="this machine's name in the mesh (default: the system's)")
    run_group = parser.add_argument_group("run")
    run_group.add_argument("--seconds", type=duration, metavar="S", help="evolve this long: 90, 5m, 2h (default: until Ctrl-C)")
    run_group.add_argument("--checkpoint-dir", metavar="DIR", help="keep checkpoints here, and go on from what is there")
    run_group.add_argument("--save", metavar="MODEL", help="write the formulas to this file, for vgp predict and vgp show")
    run_group.add_argument("--page-port", type=port, metavar="N", help="port of the web page (default: 7080, or the next free one)")
    run_group.add_argument("--no-page", action="store_true", help="serve no web page")
    run_group.add_argument("--quiet", action="store_true", help="only warnings and the result")
    run_group.add_argument("--json", action="store_true", help="print the result as JSON")
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises InputError and its kin for what the user can mend."""
    from vmesh.launcher.launcher import up

    return up(request_of(args))


def request_of(args: argparse.Namespace) -> "Request":
    """The command line, checked. Raises SettingsError."""
    from vmesh.launcher.request import Request

    return Request(
        data=args.table,
        columns=columns_of(args),
        settings=settings_of(args).settings,
        hostname=args.hostname or socket.gethostname(),
        seeds=args.seeds,
        checkpoint_dir=args.checkpoint_dir,
        seconds=args.seconds,
        save=args.save,
        quiet=args.quiet,
        json=args.json,
    )


def settings_of(args: argparse.Namespace) -> Settled:
    """The effective settings; where no preset is named, a machine by itself gets `local`."""
    options = {
        "launcher.workers": ("--workers", args.workers),
        "launcher.memory": ("--memory", args.memory),
        "page.port": ("--page-port", args.page_port),
        "page.enabled": ("--no-page", False if args.no_page else None),
    }
    alone = settled(args, options, default_preset="local")
    if args.seeds or not is_loopback(alone.settings.network.bind):
        return settled(args, options, default_preset="lan")
    return alone


def workers(text: str) -> Any:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of workers; give a whole number above 0")
    return int(text)


def size(text: str) -> int:
    """Bytes above 0."""
    try:
        return values.size(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
