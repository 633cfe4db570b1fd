"""Which panel stands where, in a terminal of any size.

    head          3 rows                        always, as far as there is room
    charts        pace and loss                 in tall terminals
    front | births and deaths [| population]    the third beside them in wide terminals, else below in its own rows
    workers       the table                     what is left
    log           some rows
    footer        1 row
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vmesh.drawing.cells import Row, beside, block
from vmesh.top import head as heads
from vmesh.top.details import details
from vmesh.top.footer import footer
from vmesh.top.front import front
from vmesh.top.head import charts, head
from vmesh.top.journal import journal
from vmesh.top.manual import manual
from vmesh.top.picture import Scene
from vmesh.top.population import fates, histograms
from vmesh.top.state import DETAILS, HELP, settled
from vmesh.top.table import table

WIDE = 116  # columns from which on three panels stand side by side
FATES_WIDTH = 38


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of each panel; their sum is the height of the terminal."""

    head: int = 0
    charts: int = 0
    band: int = 0
    population: int = 0
    table: int = 0
    log: int = 0
    footer: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be seen: rows of exactly the terminal's width; where the table begins, and how many workers are in sight."""

    rows: list[Row]
    scene: Scene
    table_top: int
    table_rows: int


def plan(columns: int, height: int, workers: int, formulas: int) -> Plan:
    """Takes what each panel needs, the important ones first."""
    rest = height
    wide = columns >= WIDE

    def take(wanted: int, spare: int) -> int:
        """Some rows, all or none, as long as `spare` ones remain for others."""
        nonlocal rest
        taken = wanted if rest - wanted >= spare else 0
        rest -= taken
        return taken

    footer_rows = take(1, 2)
    head_rows = take(heads.ROWS, 4) or take(1, 2)
    table_rows = take(5, 0) or rest
    rest = rest if table_rows >= 5 else 0
    band = take(6, 0)
    log = take(4, 0) or take(3, 0)
    population = 0 if wide else take(3, 0)
    more = min(max(workers + 1 - table_rows, 0), rest, 5)
    table_rows, rest = table_rows + more, rest - more
    chart_rows = take(5, 3) if band else 0
    more = min(max(formulas + 2 - band, 4 if wide else 2, 0), rest, 6 if height < 50 else 12) if band else 0
    band, rest = band + more, rest - more
    if population:
        population, rest = population + min(rest, 2), rest - min(rest, 2)
    more = min(max(workers + 1 - table_rows, 0), rest)
    table_rows, rest = table_rows + more, rest - more
    log, rest = (log + rest, 0) if log else (0, rest)
    return Plan(head_rows, chart_rows, band, population, table_rows + rest, log, footer_rows)


def picture(scene: Scene, columns: int, height: int) -> Picture:
    """Every row of a terminal; its state has the selected worker in sight."""
    shares = plan(columns, height, len(scene.members), len(scene.view.front))
    in_sight = max(shares.table - 1, 1)
    scene = replace(scene, state=settled(scene.state, [member.name for member in scene.members], in_sight))
    rows = block(head(scene, columns, shares.head), columns, shares.head)
    body = height - shares.head - shares.footer
    if scene.state.page == HELP:
        rows += manual(scene, columns, body)
    elif scene.state.page == DETAILS:
        rows += details(scene, columns, body)
    else:
        rows += _overview(scene, columns, shares)
    rows += [footer(scene, columns)] if shares.footer else []
    rows = block(rows, columns, height)  # in a terminal of a few columns, panels are wider than it is
    return Picture(rows, scene, shares.head + shares.charts + shares.band + shares.population, in_sight)


def _overview(scene: Scene, columns: int, shares: Plan) -> list[Row]:
    rows = charts(scene, columns, shares.charts) if shares.charts else []
    rows += _band(scene, columns, shares.band) if shares.band else []
    rows += histograms(scene, columns, shares.population) if shares.population else []
    rows += table(scene, columns, shares.table)
    return rows + (journal(scene, columns, shares.log) if shares.log else [])


def _band(scene: Scene, columns: int, height: int) -> list[Row]:
    if columns < FATES_WIDTH + 30:
        return front(scene, columns, height)
    if columns < WIDE:
        return beside([front(scene, columns - FATES_WIDTH - 2, height), fates(scene, FATES_WIDTH, height)])
    third = max(columns // 5, 24)
    wide = columns - FATES_WIDTH - third - 4
    return beside([front(scene, wide, height), fates(scene, FATES_WIDTH, height), histograms(scene, third, height)])
