"""Progress in a notebook: a cell's output that is replaced as the run goes on, and gone when it ends."""

from __future__ import annotations

import sys
from html import escape
from importlib import import_module
from types import TracebackType
from typing import Any

from vgp.display import Display, Pace, Snapshot, clock, display_for, quantity, r2_text

NOTEBOOK_SECONDS = 0.5  # between two views: a notebook's front end is slower than a terminal


def display_here(*, quiet: bool) -> Display:
    """The display that suits where this runs: a notebook's cell, a terminal, a log."""
    if not quiet and in_notebook():
        return NotebookDisplay()
    return display_for(sys.stderr, quiet=quiet)


def in_notebook() -> bool:
    """Whether a kernel of Jupyter runs this; IPython in a terminal is a terminal."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return type(get_ipython()).__name__ == "ZMQInteractiveShell"


class NotebookDisplay:
    """One output of a cell."""

    interval = NOTEBOOK_SECONDS

    def __init__(self) -> None:
        self.pace = Pace()
        self.output: Any = None

    def __enter__(self) -> NotebookDisplay:
        return self

    def show(self, snapshot: Snapshot) -> None:
        self._put(progress_html(snapshot, self.pace.per_second(snapshot)))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.output is not None:
            self._put("")

    def _put(self, html: str) -> None:
        shown: Any = import_module("IPython.display")
        if self.output is None:
            self.output = shown.display(shown.HTML(html), display_id=True)
        else:
            self.output.update(shown.HTML(html))


def progress_html(snapshot: Snapshot, pace: float) -> str:
    """The view: a bar, figures, the formula so far."""
    figures = {
        "gone": clock(snapshot.elapsed),
        "left": clock(snapshot.left),
        "evaluations": f"{quantity(snapshot.evaluations)} ({quantity(pace)}/s)",
        "generation": str(snapshot.generation),
        "best loss": f"{snapshot.loss:.6g}",
        "R²": r2_text(snapshot.r2),
    }
    told = " &nbsp; ".join(f"{name} <b>{escape(value)}</b>" for name, value in figures.items())
    bar = f'<progress value="{min(snapshot.used, 1.0):.3f}" max="1" style="width:20em"></progress>'
    return f"<div>{bar}<br>{told}<br><code>{escape(snapshot.formula or 'no formula yet')}</code></div>"
