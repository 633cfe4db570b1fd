"""One picture of the mesh as plain text, as wide as it needs to be: for a pipe, a file, a terminal that can draw nothing."""

from __future__ import annotations

import itertools
import math
import sys
import time
from typing import TextIO

from vmesh.admin.printing import Part, Table, print_parts
from vmesh.drawing.cells import clean, plain
from vmesh.top.columns import COLUMNS
from vmesh.top.front import formula_rows
from vmesh.top.head import head
from vmesh.top.looking import Looking
from vmesh.top.picture import Scene, scene_of
from vmesh.top.population import fates
from vmesh.top.state import State
from vmesh.top.trends import Trends
from vmesh.watch.view import View

WIDTH = 160  # columns of the head
LEFT_OUT = ("trend",)


def print_all(looking: Looking, view: View, state: State, kind: str, count: int | None, seconds: float | None) -> None:
    """So many pictures, as they come, or until the time is over; None: no limit."""
    trends = Trends(looking.past)
    end = math.inf if seconds is None else time.monotonic() + seconds
    for number in itertools.count(1):
        trends.note(view)
        if number > 1:
            print()
        write(scene_of(view, trends, state, title_of(view), kind), sys.stdout)
        if number == count:
            return
        try:
            view = looking.next(end)
        except TimeoutError:
            return


def title_of(view: View) -> str:
    """The machine of the first worker: a mesh has no name of its own."""
    return next((seen.host for seen in view.workers.values()), "")


def write(scene: Scene, stream: TextIO) -> None:
    """Head, front, births and deaths, workers, log."""
    print_parts(parts(scene), stream)
    stream.flush()


def parts(scene: Scene) -> list[Part]:
    """Lines and tables."""
    found: list[Part] = [plain(row) for row in head(scene, WIDTH, 3)]
    front = formula_rows(scene)
    found += ["", Table(("", "size", "loss", "R2", "formula"), front, frozenset({"formula"}))] if front else ["", "no formula yet"]
    deaths = len(scene.view.counters("deaths"))
    found += ["", *(plain(row) for row in fates(scene, 30, 5 + deaths))]
    found += ["", _workers(scene)]
    said = [f"{clean(line.worker)} {clean(line.level)} {clean(line.text)}" for line in scene.view.lines]
    return [*found, *(["", *said] if said else [])]


def _workers(scene: Scene) -> Table:
    columns = [column for column in COLUMNS if column.name not in LEFT_OUT]
    rows = [[column.text(member, scene.trends) for column in columns] for member in scene.members]
    return Table([column.heading for column in columns], rows, frozenset(column.heading for column in columns if column.words))
