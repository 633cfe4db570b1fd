"""Settings written as text: sizes like 2G, durations like 5m, counts like 20k, truth values, lists of names."""

import argparse
import dataclasses
import math
import re
from typing import Any

from vgp.cli.arguments import count
from vgp.function_sets import FUNCTION_SETS
from vmesh.errors import SettingsError

SIZES = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
SECONDS = {"ms": 1e-3, "": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
TRUTH = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
NUMBER = r"(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)"


def size(text: str) -> int:
    """Bytes: 4096, 512M, 2G, 1.5GiB; K, M, G and T are powers of 1024. Raises SettingsError."""
    match = re.fullmatch(NUMBER + r"\s*([kmgt]?)(?:i?b)?", text.strip().replace("_", ""), re.I)
    value = float(match[1]) * 2.0 ** SIZES[match[2].lower()] if match else math.nan
    if not value < 2**63:
        raise SettingsError(f"'{text}' is no size; write 4096, 512M or 2G")
    return int(value)


def duration(text: str) -> float:
    """Seconds: 90, 250ms, 1.5m, 2h, 0. Raises SettingsError."""
    match = re.fullmatch(NUMBER + r"\s*([a-z]*)", text.strip().replace("_", ""), re.I)
    factor = SECONDS.get(match[2].lower()) if match else None
    if match is None or factor is None or not math.isfinite(float(match[1]) * factor):
        raise SettingsError(f"'{text}' is no duration; write 90, 250ms, 5m or 2h")
    return float(match[1]) * factor


def from_text(knob: "dataclasses.Field[Any]", text: str) -> Any:
    """The value that a text means for this setting; its bounds are checked elsewhere. Raises SettingsError."""
    default, unit = knob.default, knob.metadata["unit"]
    if isinstance(default, bool):
        return _truth(text)
    if isinstance(default, int):
        return size(text) if unit == "bytes" else _count(text)
    if isinstance(default, float):
        return duration(text) if unit == "s" else _number(text)
    if isinstance(default, tuple):
        return tuple(name for word in text.replace(",", " ").split() for name in FUNCTION_SETS.get(word, (word,)))
    return text


def to_text(value: Any) -> str:
    """A text that `from_text` turns into this value again."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return str(value)


def _truth(text: str) -> bool:
    if text.strip().lower() not in TRUTH:
        raise SettingsError(f"'{text}' is neither true nor false")
    return TRUTH[text.strip().lower()]


def _count(text: str) -> int:
    if re.fullmatch(r"\s*-?\d+\s*", text):  # of any length, to the last digit; bounds are checked elsewhere
        return int(text)
    try:
        return count(text)
    except argparse.ArgumentTypeError:
        raise SettingsError(f"'{text}' is no whole number; write 20000, 20k or 2M") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"'{text}' is no number") from None
