"""Numbers as Ansible hands them over: values of -e are text, whatever they look like."""

from __future__ import annotations

import math
import re
from typing import Any

from vgp.errors import InputError

MOST_NODES = 10_000


def whole(name: str, given: Any, most: int = MOST_NODES) -> int:
    """A whole number from 1 to `most`. Raises InputError that names the variable."""
    text = str(given).strip()
    if not re.fullmatch(r"\+?[0-9]{1,9}", text) or int(text) < 1 or isinstance(given, bool):
        raise InputError(f"{name} is {shown(given)}; give a whole number of at least 1, for example -e {name}=4")
    if int(text) > most:
        raise InputError(f"{name} is {text}; at most {most:,} are possible")
    return int(text)


def hours(name: str, given: Any) -> float | None:
    """A number of hours above 0; None for "": never. Raises InputError."""
    if given is None or str(given).strip() == "":
        return None
    try:
        number = float(str(given))
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf or isinstance(given, bool):
        raise InputError(f'{name} is {shown(given)}; give a number of hours above 0, or "" for a cluster that nothing ends')
    return number


def shown(given: Any) -> str:
    """A wrong value as a message shows it."""
    return "empty" if given is None or given == "" else repr(given) if isinstance(given, str) else str(given)
