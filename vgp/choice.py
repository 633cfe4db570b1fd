"""Which formula of a front to recommend: the one where a little more size last bought a lot more accuracy."""

import math
from collections.abc import Sequence
from typing import Protocol

WITHIN = 1.5  # times the smallest unexplained share: what still counts as about as good as the best
EXACT = 1e-6  # unexplained shares below this are not told apart: they are rounding and noise, not law


class Scored(Protocol):
    """What the rule looks at."""

    @property
    def size(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def r2(self) -> float: ...


def choose(entries: Sequence[Scored]) -> int:
    """The index of the recommended entry of a front (sorted by size, each with less loss than the one before it).

    Candidates are the entries whose unexplained share is at most WITHIN times the smallest one; shares below EXACT count as EXACT.
    The winner is the candidate with the steepest drop of log(share) per node since the entry before it; the smaller one on a tie.
    The share is 1 - R2, or, for losses without R2, the loss over that of the first entry. This is the rule "best" of PySR (Cranmer
    2023, arXiv 2305.01582) with a floor: without it formulas that fit the rounding of eight planets would push Kepler's law out.

    Raises ValueError for an empty front.
    """
    if not entries:
        raise ValueError("an empty front has no entry to recommend")
    shares = unexplained(entries)
    limit = WITHIN * min(shares)
    candidates = [i for i, share in enumerate(shares) if share <= limit]
    return max(candidates, key=lambda i: (steepness(entries, shares, i), -i))


def unexplained(entries: Sequence[Scored]) -> list[float]:
    """The share of the target that each entry leaves unexplained, never below EXACT."""
    if all(math.isfinite(entry.r2) for entry in entries):
        shares = [1.0 - entry.r2 for entry in entries]
    else:
        largest = entries[0].loss or 1.0
        shares = [entry.loss / largest for entry in entries]
    return [max(share, EXACT) for share in shares]


def steepness(entries: Sequence[Scored], shares: Sequence[float], i: int) -> float:
    """Drop of log(share) per node since the entry before; the first entry is compared with a constant, size 0 and share 1."""
    before, size_before = (shares[i - 1], entries[i - 1].size) if i else (max(1.0, shares[0]), 0)
    return (math.log(before) - math.log(shares[i])) / max(entries[i].size - size_before, 1)
