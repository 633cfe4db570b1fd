"""vmesh replay: the web page of a run that has ended."""

import argparse
from pathlib import Path

from vmesh import log as logs
from vmesh.cli.page import add_page_options, said

SUMMARY = "Serve the web page of a run that has ended."
DESCRIPTION = """\
Reads the histories that workers keep beside their checkpoints: the folder of vmesh up --checkpoint-dir, what collect.yml brought
home, or any folder above them. The page shows the run's end and plays it from any moment, up to 600 times as fast. It changes
nothing. Ctrl-C ends the page."""
EXAMPLES = """\
  vmesh replay state
  vmesh replay results/vcloud/collected/2026-11-24T08-15-00Z"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="folder with histories (worker-0.history.sqlite and so on), at any depth")
    add_page_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises InputError where there is no history, SettingsError."""
    from vmesh.page.clock import ReplayClock
    from vmesh.page.serving import Options, serve
    from vmesh.watch.replayed import Replayed

    logs.start("replay", "warning")
    feed = Replayed(Path(args.folder))
    return serve(feed, Options(Path(args.folder).resolve().name, args.port, args.token_file), said, clock=ReplayClock(feed))
