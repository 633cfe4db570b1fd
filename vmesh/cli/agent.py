"""vmesh agent: looks after one machine of a cluster."""

import argparse
import contextlib
import os
import select
import signal
import time
from pathlib import Path

from vgp.errors import InputError

SUMMARY = "Tell a cluster how this node does, and end it in time; its service is set up by the role vmesh."
DESCRIPTION = """\
Runs beside vmesh.service on each node of a cluster: writes the node's record to S3 at each change and every minute, lets the
workers checkpoint and leave when EC2 takes the instance away, and powers the machine off when it has run for max_hours."""
EXAMPLES = """\
  vmesh agent --config /etc/vmesh/agent.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", required=True, metavar="FILE", help="what the node is, as JSON (vmesh/cloud/agent_settings.py)")


def run(args: argparse.Namespace) -> int:
    """Raises InputError for a file that is none."""
    from vmesh import log
    from vmesh.cloud import agent_settings
    from vmesh.cloud.agent import Agent
    from vmesh.cloud.host import Host
    from vmesh.cloud.metadata import Metadata
    from vmesh.cloud.post import Post
    from vmesh.cloud.storage import S3

    try:
        settings = agent_settings.read(Path(args.config).read_bytes())
    except OSError as error:
        raise InputError(f"{args.config}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    log.start(f"{settings.name}/agent")
    moments = Moments()
    # the thread that writes has a metadata service of its own: none of both objects is made for two threads
    storage = S3(settings.region, settings.endpoint, Metadata())
    mail = Post(lambda key, content: storage.put(settings.bucket, key, content))
    Agent(settings, Host(settings.service, Path(settings.histories)), Metadata(), mail, moments).run()
    mail.flush(5.0)
    return 0


class Moments:
    """The time as it is; SIGTERM and SIGINT ask to stop."""

    def __init__(self) -> None:
        self.asked_to_stop = False
        self._woken, self._wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.asked_to_stop = True
        with contextlib.suppress(BlockingIOError):  # there is a byte already
            os.write(self._wake, b"!")

    def now(self) -> float:
        return time.time()

    def running(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        select.select([] if self.asked_to_stop else [self._woken], [], [], seconds)
