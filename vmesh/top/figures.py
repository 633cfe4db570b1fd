"""Numbers as short texts, for panels and columns: never longer than the column that is made for them."""

from __future__ import annotations

import math

from vgp.display import clock, quantity, r2_text

UNKNOWN = "-"


def amount(value: float) -> str:
    """950, 12.3k, 4.56M: at most 5 columns below 10^12."""
    return quantity(value) if math.isfinite(value) else UNKNOWN


def rate(value: float) -> str:
    """Per second: small ones with their fraction."""
    if not math.isfinite(value):
        return UNKNOWN
    return f"{value:.1f}" if 0 < value < 10 else quantity(value)


def loss(value: float) -> str:
    """Four digits: at most 10 columns."""
    return UNKNOWN if math.isnan(value) else f"{value:.4g}"


def r2(value: float | None) -> str:
    """With as many nines as it has, at most 8 columns; far below 0 in short."""
    if value is None or math.isnan(value):
        return UNKNOWN
    text = r2_text(value) if math.isfinite(value) and value > -100 else f"{value:.1g}"
    return text if len(text) <= 8 else f"{value:.6f}" if value < 0.9999995 else f"1-{1 - value:.0e}".replace("e-0", "e-")


def size(value: float) -> str:
    """Bytes in powers of 1024, three digits: 512, 1.5K, 2.25G."""
    if not math.isfinite(value) or value < 0:
        return UNKNOWN
    for power, unit in ((4, "T"), (3, "G"), (2, "M"), (1, "K")):
        if value >= 1000 * 1024 ** (power - 1):
            return f"{value / 1024**power:.3g}{unit}" if value < 999.5 * 1024**power else f"{value / 1024**power:.0f}{unit}"
    return f"{value:.0f}"


def time(seconds: float) -> str:
    """0:07, 12:34, 1:02:03, and days beyond."""
    if not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    if seconds >= 86_400:
        return f"{int(seconds // 86_400)}d{int(seconds % 86_400 // 3600):02}h"
    return clock(seconds)


def cores(value: float) -> str:
    """Cores kept busy."""
    return f"{value:.2f}" if math.isfinite(value) and value < 10 else rate(value)


def fraction(value: float) -> str:
    """0 to 1."""
    return f"{value:.3f}" if math.isfinite(value) else UNKNOWN


def share(part: float, whole: float) -> float:
    """NaN where there is no whole."""
    return part / whole if whole > 0 and math.isfinite(part) else math.nan


def percent(value: float) -> str:
    """37%"""
    return f"{100 * value:.0f}%" if math.isfinite(value) else UNKNOWN


def plural(number: int, word: str) -> str:
    """1 worker, 2 workers"""
    return f"{number} {word}{'' if number == 1 else 's'}"
