"""Confidence intervals: Wilson's for shares, the bootstrap for medians."""

import math
from collections.abc import Sequence

import numpy as np

Z = 1.959964  # 95 %
RESAMPLES = 2000


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) without trials."""
    if n == 0:
        return 0.0, 1.0
    share, spread = successes / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def median_interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """The median and its 95 % interval by the percentile bootstrap; NaN without values. `seed` is of the resampling."""
    if not values:
        return math.nan, math.nan, math.nan
    data = np.asarray(values, np.float64)
    draws = np.random.default_rng(seed).integers(0, len(data), (RESAMPLES, len(data)))
    low, high = np.percentile(np.median(data[draws], axis=1), [2.5, 97.5], method="inverted_cdf")
    return float(np.median(data)), float(low), float(high)
