"""Writes tables of a dataclass of knobs where a page says `<!-- knobs: vgp.parameters.Parameters -->`: a table for each group of
fields, as the comments between them group them."""

import dataclasses
import importlib
import inspect
import math
import re

MARK = re.compile(r"^<!-- knobs: ([\w.]+)\.(\w+) -->$", re.M)
GROUP = re.compile(r"^    # (.+)$")
FIELD = re.compile(r"^    (\w+): ")


def on_page_markdown(markdown, **_):
    return MARK.sub(lambda mark: tables(getattr(importlib.import_module(mark[1]), mark[2])), markdown)


def tables(kind):
    """Markdown. `kind`: a dataclass whose fields carry what vgp.knobs gives them."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    lines = []
    for group, names in groups(kind, fields).items():
        lines += [f"### {group[:1].upper()}{group[1:]}", "", "| name | default | meaning | unit | values | during a run |"]
        lines += ["|---|---|---|---|---|---|", *(row(fields[name]) for name in names), ""]
    return "\n".join(lines)


def groups(kind, fields):
    """Names of fields by the comment above them, in the order of the source."""
    found, group = {}, ""
    for line in inspect.getsource(kind).splitlines():
        if comment := GROUP.match(line):
            group = comment[1]
        elif (field := FIELD.match(line)) and field[1] in fields:
            found.setdefault(group, []).append(field[1])
    return found


def row(field):
    about = field.metadata
    cells = [f"`{field.name}`", shown(field.default), about["doc"], about["unit"], bounds(about), "yes" if about["live"] else "no"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def shown(default):
    if isinstance(default, tuple):
        return " ".join(f"`{part}`" for part in default)
    return "" if default == "" else f"`{default}`"


def bounds(about):
    if "options" in about:
        return ", ".join(f"`{option}`" for option in about["options"])
    low, high = about.get("low", -math.inf), about.get("high", math.inf)
    if math.isinf(high):
        return "" if math.isinf(low) else f"{plain(low)} or more"
    return f"{plain(low)} to {plain(high)}"


def plain(bound):
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"
