"""What a run looks like while it runs: a live panel on a terminal, a line now and then elsewhere, nothing when quiet.

A display that nobody sees any more - a closed terminal, a broken pipe - must not end a run of hours: OSErrors stop here.
"""

import contextlib
import math
import sys
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

LIVE_SECONDS = 0.25  # between redraws
PLAIN_SECONDS = 5.0  # between lines
RATE_SECONDS = 3.0  # the pace is that of the last few seconds


@dataclass(frozen=True)
class Snapshot:
    """One look at a run."""

    elapsed: float  # seconds
    used: float  # share of the budget, 0 to 1
    left: float | None  # seconds; None: not known yet
    evaluations: int
    generation: int  # ticks
    loss: float  # best so far
    r2: float
    formula: str  # recommended so far; empty: none yet


class Display(Protocol):
    """A context manager that is shown snapshots, at least `interval` seconds apart."""

    interval: float

    def __enter__(self) -> "Display": ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
    def show(self, snapshot: Snapshot) -> None: ...


def display_for(stream: TextIO = sys.stderr, *, quiet: bool = False) -> Display:
    """The display that suits a stream."""
    if quiet:
        return Quiet()
    console = Console(file=stream)
    return LiveDisplay(console) if console.is_terminal and not console.is_dumb_terminal else PlainDisplay(stream)


class Quiet:
    """Shows nothing."""

    interval = float("inf")

    def __enter__(self) -> "Quiet":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, snapshot: Snapshot) -> None:
        pass


class PlainDisplay:
    """One line every few seconds, for logs and pipes."""

    interval = PLAIN_SECONDS

    def __init__(self, stream: TextIO):
        self.stream = stream
        self.pace = Pace()

    def __enter__(self) -> "PlainDisplay":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, snapshot: Snapshot) -> None:
        parts = [
            f"{clock(snapshot.elapsed)}",
            f"{quantity(snapshot.evaluations)} evaluations ({quantity(self.pace.per_second(snapshot))}/s)",
            f"loss {snapshot.loss:.4g}",
            f"R2 {r2_text(snapshot.r2)}",
            f"{clock(snapshot.left)} left",
            snapshot.formula or "no formula yet",
        ]
        with contextlib.suppress(OSError):
            print("  ".join(parts), file=self.stream, flush=True)


class LiveDisplay:
    """A panel that redraws itself and leaves nothing behind."""

    interval = LIVE_SECONDS

    def __init__(self, console: Console):
        # redirecting would route the final printout through the panel
        self.live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)
        self.pace = Pace()

    def __enter__(self) -> "LiveDisplay":
        with contextlib.suppress(OSError):
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.live.stop()

    def show(self, snapshot: Snapshot) -> None:
        with contextlib.suppress(OSError):
            self.live.update(panel(snapshot, self.pace.per_second(snapshot)), refresh=True)


class Pace:
    """Evaluations per second over the last few snapshots."""

    def __init__(self) -> None:
        self.seen: deque[tuple[float, int]] = deque()

    def per_second(self, snapshot: Snapshot) -> float:
        self.seen.append((snapshot.elapsed, snapshot.evaluations))
        while len(self.seen) > 2 and snapshot.elapsed - self.seen[0][0] > RATE_SECONDS:
            self.seen.popleft()
        (begin, before), (end, now) = self.seen[0], self.seen[-1]
        if end > begin:
            return (now - before) / (end - begin)
        return now / end if end > 0 else 0.0


def panel(snapshot: Snapshot, pace: float) -> Group:
    """The live view: bar, figures, formula."""
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(total=1.0, completed=min(snapshot.used, 1.0), width=30),
        Text(f"{clock(snapshot.elapsed)} gone, {clock(snapshot.left)} left", style="dim"),
    )
    figures = Table.grid(padding=(0, 3))
    figures.add_row(
        labelled("best loss", f"{snapshot.loss:.6g}"),
        labelled("R2", r2_text(snapshot.r2)),
        labelled("evaluations/s", quantity(pace)),
        labelled("evaluations", quantity(snapshot.evaluations)),
        labelled("generation", str(snapshot.generation)),
    )
    formula = Text(snapshot.formula or "no formula yet", style="bold green" if snapshot.formula else "dim")
    return Group(bar, figures, formula, Text("Ctrl-C ends the run and keeps the best so far", style="dim"))


def labelled(label: str, value: str) -> Text:
    return Text.assemble((f"{label} ", "dim"), (value, "bold"))


def clock(seconds: float | None) -> str:
    """0:07, 12:34, 1:02:03; -:-- where unknown."""
    if seconds is None or not math.isfinite(seconds):
        return "-:--"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def quantity(number: float) -> str:
    """A count in three or four digits: 950, 12.3k, 4.56M."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}" if number < 999.5 * limit else f"{number / limit:.0f}{unit}"
    return f"{number:.0f}"


def r2_text(r2: float) -> str:
    """R2 with as many nines as it has: 0.93, 0.99987, 0.999999998."""
    if math.isnan(r2):
        return "-"
    for digits in range(3, 15):
        text = f"{r2:.{digits}f}"
        if 1 - r2 >= 10 ** (1 - digits):
            return text
    return "1"
