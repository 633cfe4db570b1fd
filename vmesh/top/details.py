"""One worker in full: what it tells of itself at the left, its curves, its population and its neighbours at the right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from vmesh.drawing.cells import Row, beside, block, clean, left, right
from vmesh.drawing.sparklines import area, logarithms
from vmesh.figures.record import Figures
from vmesh.top import figures
from vmesh.top.columns import Member
from vmesh.top.journal import lines
from vmesh.top.picture import Scene, rule
from vmesh.top.population import three
from vmesh.top.trends import Curves
from vmesh.watch.view import Seen

LABEL = 12
SIDE_BY_SIDE = 70  # columns
MOST_NEIGHBOURS = 8


def details(scene: Scene, columns: int, height: int) -> list[Row]:
    """The selected worker's; its log below, in what is left."""
    member = scene.member
    if member is None:
        return block([[("dim", "no worker is selected")]], columns, height)
    head = [rule(clean(member.name), columns, f"{member.state}{'  ' + clean(member.why) if member.why else ''}")]
    if member.seen is None:
        return block(head, columns, height)
    if columns < SIDE_BY_SIDE:
        return block([*head, *_facts(member), *_pictures(scene, member.seen, columns, 9)], columns, height)
    wide = (columns - 2) // 2
    facts, neighbours = _facts(member), _neighbours(member.seen)
    room = min(max(len(facts), 14 + len(neighbours)), max(height - 4, 0))
    pictures = [*_pictures(scene, member.seen, columns - 2 - wide, max(min(room - len(neighbours), 20), 9)), *neighbours]
    body = beside([block(facts, wide, room), block(pictures, columns - 2 - wide, room)])
    said: list[Row] = [rule("log", columns), *lines(scene, member.name, height - room - 2)]
    return block([*head, *body, *said], columns, height)


def _facts(member: Member) -> list[Row]:
    seen = member.seen
    assert seen is not None
    told = seen.figures
    found = [
        ("version", f"{told.version or '-'}, incarnation {told.incarnation}"),
        ("admin", told.admin or "-"),
        ("up", figures.time(told.uptime)),
        ("evolution", f"tick {told.tick}, era {told.era}"),
        ("evaluations", f"{figures.amount(told.evaluations)} ({figures.amount(told.evaluations_per_second)}/s)"),
        ("best", f"loss {figures.loss(told.best_loss)}, R2 {figures.r2(told.best_r2)}, size {told.best_size}"),
        ("median loss", figures.loss(told.median_loss)),
        ("living", f"{figures.amount(told.living)} of {figures.amount(told.capacity)}"),
        ("means", _means(told)),
        ("births", f"{figures.amount(told.births)}, {figures.amount(told.duplicates)} held already, "
                   f"{figures.amount(told.stillborn)} stillborn"),
        ("deaths", _counted(told.deaths)),
        ("invalid", _counted(told.invalid)),
        ("exchange", _counted(told.exchange)),
        ("memory", f"{figures.size(told.memory_bytes)} + {figures.size(told.sandbox_memory_bytes)} sandbox"
                   f" of {figures.size(told.memory_limit_bytes) if told.memory_limit_bytes else 'no limit'}"),
        ("cpu", f"{figures.cores(seen.cpu)} cores, {figures.time(told.cpu_seconds)} in all, "
                f"{figures.plural(told.sandbox_restarts, 'sandbox restart')}"),
        ("checkpoint", _checkpoint(told)),
        ("data", f"{told.data_url or '-'} v{told.data_version}, {figures.amount(told.data_rows)} rows"),
        ("target", told.target or "-"),
    ]  # fmt: skip
    return [[("dim", left(name, LABEL)), ("", clean(value))] for name, value in found]


def _means(told: Figures) -> str:
    means = (("size", told.mean_size), ("age", told.mean_age), ("energy", told.mean_energy), ("diversity", told.diversity))
    return ", ".join(f"{name} {figures.fraction(value) if name == 'diversity' else figures.rate(value)}" for name, value in means)


def _counted(counters: Mapping[str, int]) -> str:
    """The largest first; what never happened is left out."""
    found = sorted(((name, value) for name, value in counters.items() if value), key=lambda pair: -pair[1])
    return ", ".join(f"{figures.amount(value)} {name.replace('_', ' ')}" for name, value in found) or "none"


def _checkpoint(told: Figures) -> str:
    if told.checkpoint_error:
        return f"FAILED: {told.checkpoint_error}"
    if math.isnan(told.checkpoint_age):
        return "none in this life yet"
    return f"{figures.time(told.checkpoint_age)} ago, {figures.size(told.checkpoint_bytes)}, tick {told.checkpoint_tick}"


def _pictures(scene: Scene, seen: Seen, columns: int, height: int) -> list[Row]:
    """Pace and loss in the upper part, the population in the lower one."""
    curves = scene.trends.workers.get(seen.figures.name) or Curves()
    each = max((height - 3) // 4, 2)
    pace = area(list(curves.pace), columns, each - 1, low=0.0)
    loss = area(logarithms(list(curves.loss)), columns, each - 1)
    population = three([seen], lambda name: getattr(seen.figures, name), columns, max(height - 2 * each, 3))
    return [*_titled("evaluations per second", pace), *_titled("best loss (logarithmic)", loss), *population]


def _titled(title: str, drawn: Sequence[str]) -> list[Row]:
    return [[("dim", title)], *([("accent", row)] for row in drawn)]


def _neighbours(seen: Seen) -> list[Row]:
    listed = seen.figures.neighbours
    rows: list[Row] = [[("dim", f"{left('neighbour', 20)} {'sent':>8} {'received':>9}")]]
    rows += [
        [("", left(clean(name), 20)), ("", right(figures.amount(sent), 9)), ("", right(figures.amount(received), 10))]
        for name, sent, received in listed[:MOST_NEIGHBOURS]
    ]
    if len(listed) > MOST_NEIGHBOURS:
        rows.append([("dim", f"and {len(listed) - MOST_NEIGHBOURS} more")])
    return rows if listed else [[("dim", "no neighbours")]]
