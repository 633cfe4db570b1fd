"""Shows settings, or changes them while the worker runs.

Without arguments all of them, with names just those; NAME=VALUE (or --set NAME=VALUE) changes them, all or none, from the next
tick on.
A name is section.name, as vmesh config prints it; the section may be left out where the rest is clear: population_size=20k.
"""

from collections.abc import Mapping
from typing import Any

from vmesh.admin.arguments import Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.live_settings import CHANGES as CHANGES_KIND
from vmesh.admin.live_settings import NAME, NAMES, flat
from vmesh.admin.printing import Part, Table, text

SUMMARY = "Show settings, or change them live."
ARGUMENTS = (
    Argument("names", NAME, "settings to show (default: all)", "NAME", many=True),
    Argument("set", CHANGES_KIND, "change this setting; may be repeated", "NAME=VALUE", option=True),
)
CHANGES = SLOW = True

HEADINGS = ("setting", "value", "unit", "workers")


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    if arguments["set"]:
        return node.set_parameters(arguments["set"])
    sections = node.parameters()
    if arguments["names"] is None:
        return sections
    shown: dict[str, dict[str, Any]] = {}
    for name in arguments["names"]:
        section, _, field = name.partition(".")
        shown.setdefault(section, {})[field] = sections.get(section, {}).get(field)
    return shown


def printout(answers: Answers) -> list[Part]:
    """A column per worker would be too wide: one row per setting and value, with who has it."""
    holders: dict[tuple[str, str], list[str]] = {}
    for worker, sections in answers.items():
        for name, value in flat(sections).items():
            holders.setdefault((name, text(value)), []).append(worker)
    rows = [
        (name, value, NAMES[name].metadata["unit"] if name in NAMES else "", _whose(workers, answers))
        for (name, value), workers in sorted(holders.items(), key=lambda item: _place(item[0][0]))
    ]
    if len(answers) == 1:
        return [Table(HEADINGS[:3], [row[:3] for row in rows], frozenset(HEADINGS))]
    return [Table(HEADINGS, rows, frozenset(HEADINGS))]


def _whose(workers: list[str], answers: Answers) -> str:
    if len(workers) == len(answers):
        return "all"
    return ", ".join(workers[:3]) + (f" and {len(workers) - 3} more" if len(workers) > 3 else "")


def _place(name: str) -> int:
    return ORDER.get(name, len(ORDER))


ORDER = {name: place for place, name in enumerate(NAMES)}
