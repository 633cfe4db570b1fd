"""Which formula of a front to recommend: the one where a little more size last bought a lot more accuracy."""

import math
from collections.abc import Sequence
from typing import Protocol

WITHIN = 1.5  # times the smallest unexplained share: what still counts as about as good as the best
EXACT = 1e-6  # unexplained shares below this are not told apart: they are rounding and noise, not law


class Scored(Protocol):
    """What the rule looks at: nodes, and the share of the target's variance that is explained."""

    @property
    def size(self) -> int: ...
    @property
    def r2(self) -> float: ...


def choose(entries: Sequence[Scored]) -> int:
    """The index of the recommended entry of a front (sorted by size, each more accurate than the one before it).

    Candidates are the entries whose unexplained share of the variance, 1 - R2, is at most WITHIN times the smallest one; shares
    below EXACT count as EXACT. The winner is the candidate with the steepest drop of log(1 - R2) per node since the entry before
    it; the smaller one on a tie. This is the rule "best" of PySR (Cranmer 2023, arXiv 2305.01582), with a floor: without it
    formulas that fit the rounding of eight planets would push Kepler's law out of the candidates.

    Raises ValueError for an empty front.
    """
    if not entries:
        raise ValueError("an empty front has no entry to recommend")
    shares = [unexplained(entry.r2) for entry in entries]
    limit = WITHIN * min(shares)
    candidates = [i for i, share in enumerate(shares) if share <= limit]
    return max(candidates, key=lambda i: (steepness(entries, shares, i), -i))


def unexplained(r2: float) -> float:
    """1 - R2, never below EXACT; infinite where R2 is no number."""
    return math.inf if math.isnan(r2) else max(1.0 - r2, EXACT)


def steepness(entries: Sequence[Scored], shares: Sequence[float], i: int) -> float:
    """Drop of log(1 - R2) per node from the entry before; the first entry is compared with a constant, of size 0 and R2 = 0."""
    before, size_before = (shares[i - 1], entries[i - 1].size) if i else (max(1.0, shares[0]), 0)
    if math.isinf(before) or math.isinf(shares[i]):
        return 0.0
    return (math.log(before) - math.log(shares[i])) / max(entries[i].size - size_before, 1)
