"""vmesh worker: one worker of a mesh."""

import argparse
import dataclasses
import socket
from pathlib import Path

from vmesh import lifeline, memory
from vmesh.addresses import address_list
from vmesh.cli.data_options import add_column_options, columns_of
from vmesh.cli.settings_options import add_settings_options, settled
from vmesh.cores import cores
from vmesh.errors import SettingsError
from vmesh.options import WorkerOptions
from vmesh.settings import Settings

SUMMARY = "Run one worker; vmesh up starts them for you."
DESCRIPTION = """\
Evolves a population on a table, exchanges organisms with the rest of the mesh, and answers administrators. It resumes from its
newest checkpoint. SIGTERM or Ctrl-C: it checkpoints, tells its neighbours, and exits with status 0. With status 2 it cannot
work as it was told to; any other status is a failure after which it may be started again."""
EXAMPLES = """\
  vmesh worker --checkpoint-dir state --hostname alpha --index 0 --data planets.csv --target orbital_period_days
  vmesh worker --checkpoint-dir state --hostname beta --index 3 --data s3://bucket/table.parquet --target y \\
      --seeds 10.0.0.1:7100,10.0.0.2:7100 --set network.bind=10.0.0.3 --set network.keys=keys"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, metavar="URL", help="the table: a file, a folder, or s3://bucket/key")
    parser.add_argument("--checkpoint-dir", required=True, metavar="DIR", help="folder of this machine's checkpoints")
    parser.add_argument("--hostname", default=None, metavar="NAME", help="this machine's name in the mesh (default: the system's)")
    parser.add_argument("--index", type=int, default=0, metavar="I", help="which worker of this machine it is (default: 0)")
    parser.add_argument("--seeds", type=addresses, default=(), metavar="A,B", help="HOST:PORT of workers to join, two or more")
    parser.add_argument("--data-checksum", metavar="SHA256", help="refuse a table with another checksum")
    parser.add_argument("--ready-fd", type=int, metavar="FD", help="write a line of JSON there once it takes part")
    parser.add_argument("--lifeline-fd", type=int, metavar="FD", help="end at once when this descriptor is closed at its other end")
    add_column_options(parser)
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises InputError for what cannot work, however often it is tried."""
    if args.lifeline_fd is not None:
        lifeline.hold(args.lifeline_fd)
    options = options_of(args)
    memory.enforce(options.settings.worker.memory)
    from vmesh.node import run as run_node

    return run_node(options)


def options_of(args: argparse.Namespace) -> WorkerOptions:
    """The command line, checked. Raises SettingsError."""
    columns = columns_of(args)
    return WorkerOptions(
        checkpoint_dir=Path(args.checkpoint_dir),
        hostname=args.hostname or socket.gethostname(),
        index=args.index,
        data=args.data,
        target=columns.target,
        columns=columns.columns,
        drop=columns.drop,
        weights=columns.weights,
        seeds=args.seeds,
        settings=with_memory(settled(args).settings),
        data_checksum=args.data_checksum,
        ready_fd=args.ready_fd,
    )


def with_memory(settings: Settings) -> Settings:
    """The settings with the worker's limit worked out, where it was left to its share of the machine."""
    if settings.worker.memory:
        return settings
    share = memory.share(settings.launcher.workers or cores(), memory.spare(), most=settings.launcher.memory)
    return dataclasses.replace(settings, worker=dataclasses.replace(settings.worker, memory=share))


def addresses(text: str) -> tuple[str, ...]:
    """Addresses separated by commas."""
    try:
        return address_list(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
