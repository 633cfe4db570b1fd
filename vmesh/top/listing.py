"""Who stands in the table of workers, and in which order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from vmesh.admin.crawl import place
from vmesh.top.columns import COLUMNS, Member
from vmesh.watch.view import View


def members(view: View) -> list[Member]:
    """Everybody who is known, by name."""
    found = [Member(name, seen, seen.silent) for name, seen in view.workers.items()]
    found += [Member(name, None, why) for name, why in view.silent.items() if name not in view.workers]
    return sorted(found, key=lambda member: place(member.name))


def matching(listed: Iterable[Member], filter: str) -> list[Member]:
    """Those in whose name or state each word of the filter occurs."""
    words = filter.casefold().split()
    return [member for member in listed if all(word in f"{member.name} {member.state}".casefold() for word in words)]


def ordered(listed: Sequence[Member], order: str, falling: bool) -> list[Member]:
    """By a column; equal ones by name, and those without a value last."""
    column = next(column for column in COLUMNS if column.name == order)
    known = [(column.key(member), member) for member in listed]
    unknown = [member for key, member in known if isinstance(key, float) and math.isnan(key)]
    known = [pair for pair in known if not (isinstance(pair[0], float) and math.isnan(pair[0]))]
    known.sort(key=lambda pair: pair[0], reverse=falling)
    return [*(member for _, member in known), *unknown]
