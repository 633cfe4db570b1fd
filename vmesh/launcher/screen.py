"""Where the launcher writes to while workers run: a live panel below the log on a terminal, lines elsewhere, less when quiet.

A reader that stops reading must not stop the launcher, which has workers to look after: lines that nobody takes are dropped, and
counted.
"""

import contextlib
import logging
import os
import re
import select
import sys
from collections import deque
from typing import Protocol, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from vgp.display import LIVE_SECONDS, labelled, quantity, r2_text
from vmesh.launcher.overview import Overview

PLAIN_SECONDS = 10.0  # between lines of status
MOST_KEPT = 1000  # lines
RUNNING = "Ctrl-C ends the mesh and keeps the best"
LEAVING = "workers checkpoint and leave; Ctrl-C again ends them at once"
log = logging.getLogger(__name__)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Screen(Protocol):
    """A context manager; `show` is to be called every `interval` seconds."""

    interval: float

    def __enter__(self) -> "Screen": ...
    def __exit__(self, *error: object) -> None: ...
    def line(self, text: str) -> None:
        """A line of the log."""

    def show(self, overview: Overview) -> None:
        """How the mesh does."""


def screen_for(stream: TextIO | None = None, *, quiet: bool = False) -> Screen:
    """What suits a stream, stderr unless told otherwise."""
    stream = stream or sys.stderr
    if stream is None:  # closed by whoever started this
        return PlainScreen(os.open(os.devnull, os.O_WRONLY), quiet=True)
    console = Console(file=stream)
    if quiet or not console.is_terminal or console.is_dumb_terminal:
        return PlainScreen(stream.fileno(), quiet=quiet)
    return LiveScreen(console)


class PlainScreen:
    """Lines for logs and pipes."""

    def __init__(self, fd: int, *, quiet: bool) -> None:
        self.interval = float("inf") if quiet else PLAIN_SECONDS
        self._fd = fd
        self._kept: deque[bytes] = deque()
        self._dropped = 0

    def __enter__(self) -> "PlainScreen":
        return self

    def __exit__(self, *error: object) -> None:
        self._flush()

    def line(self, text: str) -> None:
        if len(self._kept) < MOST_KEPT:
            self._kept.append(text.encode(errors="replace") + b"\n")
        else:
            self._dropped += 1
        self._flush()

    def show(self, overview: Overview) -> None:
        log.info("%s", overview.line)

    def _flush(self) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more
            while self._kept and select.select([], [self._fd], [], 0)[1]:
                os.write(self._fd, self._kept[0])  # shorter than what a pipe takes in one piece
                self._kept.popleft()
                if not self._kept and self._dropped:
                    self._kept.append(f"{self._dropped} lines were dropped: nobody read them\n".encode())
                    self._dropped = 0
            return
        self._kept.clear()


class LiveScreen:
    """A panel that redraws itself below the log and leaves nothing behind."""

    interval = LIVE_SECONDS

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)

    def __enter__(self) -> "LiveScreen":
        with contextlib.suppress(OSError):
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            self._live.stop()

    def line(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._console.print(Text(CONTROL.sub("\ufffd", text)), soft_wrap=True)

    def show(self, overview: Overview) -> None:
        with contextlib.suppress(OSError):
            self._live.update(panel(overview), refresh=True)


def panel(overview: Overview) -> Group:
    """The live view."""
    head = Text(f"{overview.workers_text}   {overview.time_text}", style="dim")
    figures = Text("   ").join(
        [
            labelled("best loss", f"{overview.loss:.6g}" if overview.formula else "-"),
            labelled("R2", r2_text(overview.r2)),
            labelled("evaluations/s", quantity(overview.pace)),
            labelled("evaluations", quantity(overview.evaluations)),
        ]
    )
    formula = Text(overview.formula or "no formula yet", style="bold green" if overview.formula else "dim")
    return Group(head, figures, formula, Text(LEAVING if overview.stopping else RUNNING, style="dim"))
