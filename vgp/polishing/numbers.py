"""Numbers that people write: whole ones, fractions, and these times pi or a square root; and how many words each of them takes."""

import math
from typing import NamedTuple

MOST_DENOMINATOR = 12
LARGEST = 1e4  # in absolute value, of a whole number or a numerator
FACTORS = ((1.0, 0.0), (math.pi, math.log(4)), (math.sqrt(2.0), math.log(6)), (math.sqrt(3.0), math.log(6)))


class Plain(NamedTuple):
    """A number and the length of a code for it in nats: log(1 + |p|) + 2 log(q) for p/q, more if it is times a factor.

    Between two whole numbers there are about q^2 fractions with denominators up to q.
    """

    value: float
    nats: float


def plain_numbers(value: float, error: float) -> list[Plain]:
    """Those within `error` of the value, the shortest first; of each kind and denominator at most one. 0 is among them if it is."""
    found: dict[float, float] = {}
    for factor, words in FACTORS:
        for q in range(1, MOST_DENOMINATOR + 1):
            p = round(value / factor * q) if abs(value / factor * q) <= LARGEST else 0
            if (p or factor == 1.0) and math.gcd(p, q) == 1 and abs(p * factor / q - value) <= error:
                found.setdefault(p * factor / q, words + math.log1p(abs(p)) + 2 * math.log(q))
    return sorted((Plain(*pair) for pair in found.items()), key=lambda plain: plain.nats)


def free_nats(value: float, error: float, rows: int) -> float:
    """What a fitted constant takes to tell as exactly as the data know it; log(rows) / 2 where they do not know it at all."""
    if not math.isfinite(error):
        return 0.5 * math.log(max(rows, 2))
    return math.log1p(abs(value) / error) if error > 0 else math.inf
