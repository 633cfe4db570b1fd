"""Settings as administrators name and change them in a running worker: `exchange.interval`, or just `population_size`.

Names, meanings and bounds are those of `vmesh.settings` and, in the section vgp, of `vgp.parameters`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vgp.errors import InputError
from vgp.suggestions import did_you_mean
from vmesh.admin.arguments import TEXT, Kind, check_list
from vmesh.sources import KNOBS, SECTIONS
from vmesh.values import from_text

MOST_CHANGES = 100
ASSIGNMENT = re.compile(r"[A-Za-z_][\w.-]*=")  # how a word begins that sets something

#: Every setting that a worker has, by "section.name".
NAMES = {name: knob for name, knob in KNOBS.items() if not name.startswith(("launcher.", "page."))}
LIVE = {name: knob for name, knob in NAMES.items() if knob.metadata["live"]}


def full_name(name: str) -> str:
    """ "section.name" of what somebody wrote; the engine's names come first. Raises InputError."""
    name = name.strip().replace("-", "_")
    if name in NAMES:
        return name
    found = [f"vgp.{name}"] if f"vgp.{name}" in NAMES else [known for known in NAMES if known.partition(".")[2] == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"there are several settings named {name}: {', '.join(found)}")
    short = name[:80]
    without_section = [known.partition(".")[2] for known in NAMES]
    raise InputError(f"there is no setting {short!r}; {did_you_mean(short, [*NAMES, *without_section])}")


def check_name(value: Any) -> str:
    """The full name of a setting."""
    return full_name(TEXT.check(value))


def check_changes(value: Any) -> dict[str, dict[str, Any]]:
    """{name: value, ...} as {section: {name: value}}, each of the right type and within bounds, and live."""
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_CHANGES:
        raise InputError(f"must be an object of 1 to {MOST_CHANGES} settings with their values")
    changes: dict[str, dict[str, Any]] = {}
    for written, given in value.items():
        name = check_name(written)
        if name not in LIVE:
            raise InputError(f"{name} is fixed at the start of a worker; set it there")
        section, _, field = name.partition(".")
        changes.setdefault(section, {})[field] = _checked(name, given)
    return changes


def _checked(name: str, value: Any) -> Any:
    section, _, field = name.partition(".")
    if isinstance(KNOBS[name].default, tuple):
        value = tuple(check_list(TEXT, value))
    elif not isinstance(value, (str, bool, int, float)):
        raise InputError(f"{name} takes a number, a text or a truth value")
    return getattr(SECTIONS[section](**{field: value}), field)


def read_change(word: str) -> tuple[str, Any]:
    """What NAME=VALUE means: sizes as 2G, durations as 5m, lists with commas."""
    name, equals, text = word.partition("=")
    if not equals:
        raise InputError(f"'{word}': write NAME=VALUE")
    full = full_name(name)
    try:
        value = _functions(text) if full == "vgp.functions" else from_text(NAMES[full], text.strip())
    except InputError as error:
        raise InputError(f"{full}: {error}") from None
    return full, list(value) if isinstance(value, tuple) else value


def _functions(text: str) -> list[str]:
    from vgp.function_sets import FUNCTION_SETS

    words = text.replace(",", " ").split()
    return list(dict.fromkeys(name for word in words for name in FUNCTION_SETS.get(word, (word,))))


def words_of(name: str) -> tuple[str, ...]:
    """The words that a setting takes, where it takes no other text; empty: any."""
    knob = NAMES[name]
    return tuple(knob.metadata.get("options") or (("true", "false") if isinstance(knob.default, bool) else ()))


def flat(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """{section: {name: value}} as {"section.name": value}."""
    return {f"{section}.{name}": value for section, values in sections.items() for name, value in values.items()}


NAME = Kind(check_name, full_name, choices=tuple(NAMES))
CHANGES = Kind(check_changes, read_change, choices=tuple(f"{name}=" for name in LIVE), gather=dict)
