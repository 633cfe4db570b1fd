"""vmesh page: the web page of a running mesh."""

import argparse
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from vmesh import lifeline
from vmesh import log as logs
from vmesh.cli.admin import add_entrance_options, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vmesh.admin.asking import Entrance
    from vmesh.page.serving import Metrics
    from vmesh.watch.view import View

SUMMARY = "Serve the web page of a running mesh; vmesh up does it by itself."
DESCRIPTION = """\
The page shows what the mesh has found and how its workers do, live, and can pause, resume, checkpoint, change and drain them. It is
served on 127.0.0.1 only, at an address that holds a secret token: whoever has the address can do all of it. Ctrl-C ends the page
alone."""
EXAMPLES = """\
  vmesh page
  vmesh page 10.0.0.7:7101 --keys ~/cluster-keys --port 8000
  vmesh page 172.31.0.5:7101 --via vcloud-0 --ssh-config results/vcloud/ssh_config --keys results/vcloud/keys"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("worker", nargs="?", metavar="HOST:PORT", help="a worker's admin address, the same as --address")
    add_entrance_options(parser)
    add_page_options(parser)
    for name, kind in (("--of", int), ("--ready-fd", int), ("--lifeline-fd", int), ("--credentials", str), ("--key", str)):
        parser.add_argument(name, type=kind, default=None, help=argparse.SUPPRESS)  # for the launcher
    parser.add_argument("--title", help=argparse.SUPPRESS)


def add_page_options(parser: argparse.ArgumentParser) -> None:
    """Where a page is served; also for vmesh replay."""
    group = parser.add_argument_group("page")
    group.add_argument("--port", type=port, default=0, metavar="N", help="port on 127.0.0.1 (default: 7080, or the next free one)")
    group.add_argument(
        "--token-file", default="", metavar="FILE", help="the token stands there, or is put there (default: a new one each time)"
    )


def run(args: argparse.Namespace) -> int:
    """Raises SettingsError, MeshError, KeyFileError, AdminError."""
    from vmesh.page.access import VARIABLE
    from vmesh.page.serving import Options, serve
    from vmesh.watch.watcher import Watcher

    if args.lifeline_fd is not None:
        lifeline.hold(args.lifeline_fd)
    logs.start(f"{args.title or 'mesh'}/page", "warning" if args.of is None else "info")
    options = Options(args.title or "mesh", args.port, args.token_file, ready_fd=args.ready_fd)
    if args.of is not None:
        options = dataclasses.replace(options, token="" if args.token_file else os.environ.pop(VARIABLE, ""))
        door, addresses = of_launcher(args.of, args.credentials, args.key or "")
        return serve(Watcher(door, addresses), options, lambda address: None, metrics=metrics_of(args.title))
    with opened(args, args.worker or args.address) as door:
        feed = Watcher(door)
        view = feed.look()  # that nobody answers is told before anything is served
        title = next(iter(view.workers.values())).host if view.workers else "mesh"
        options = dataclasses.replace(options, title=args.title or title)
        return serve(feed, options, said, metrics=metrics_of(None))


def metrics_of(host: str | None) -> "Metrics":
    """Prometheus's text of the workers of one host, or of all."""

    def told(view: "View") -> tuple[bytes, str]:
        from vmesh.metrics import CONTENT_TYPE, exposition  # loaded when it is asked for

        return exposition(view, host), CONTENT_TYPE

    return told


def said(address: str) -> None:
    """For the user."""
    print(f"{address}\nopen it in a browser on this machine; Ctrl-C ends the page", flush=True)


def of_launcher(pid: int, credentials: str | None, key: str) -> "tuple[Entrance, Callable[[], Sequence[str]]]":
    """The mesh of a launcher on this machine, and what tells its addresses of today."""
    from vmesh import runtime
    from vmesh.admin.asking import Entrance
    from vmesh.errors import MeshError
    from vmesh.security.key_folder import admin_keys

    def mine() -> runtime.Runtime:
        found = next((one for one in runtime.running() if one.pid == pid), None)
        if found is None:
            raise MeshError(f"process {os.getpid()}: the launcher {pid} tells of no mesh any more")
        return found

    def addresses() -> "Sequence[str]":
        try:
            return mine().admin_addresses
        except MeshError:
            return ()

    told = mine()
    keys = admin_keys(Path(told.keys), Path(credentials) if credentials else None, key) if told.keys else None
    return Entrance(told.admin_addresses, keys), addresses


def port(text: str) -> int:
    """0 to 65535."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port; give a number from 0 to 65535")
    return int(text)
