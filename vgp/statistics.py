"""Statistics of a run: one plain record per tick, as NumPy structured arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.parameters import PREDATORS

STATUS_NAMES = (
    "pending",
    "ok",
    "non_finite",
    "malformed",
    "missing_reference",
    "reference_depth",
    "work_limit",
    "no_memory",
    "crashed",
    "timed_out",
)
DEATHS = ("starved", *(f"eaten_{kind}" for kind in PREDATORS))

#: One record per tick; the fields' meanings and units stand in vgp/records.pxd.
TICK_RECORD: np.dtype[np.void] = np.dtype(
    [(name, "u8") for name in ("tick", "evaluations", "node_evaluations", "births", "duplicates", "oversized", "stillborn")]
    + [(f"invalid_{name}", "u8") for name in STATUS_NAMES]
    + [(f"deaths_{name}", "u8") for name in DEATHS]
    + [(name, "u8") for name in ("tunings", "improved", "immigrants", "living", "retained", "referenced", "era")]
    + [
        (name, "f8")
        for name in (
            "best_loss",
            "median_loss",
            "mean_size",
            "mean_expanded",
            "mean_age",
            "mean_energy",
            "mean_calls",
            "diversity",
            "seconds",
        )
    ]
)

#: The fields that do not depend on the clock: equal in two runs of the same seed.
REPRODUCIBLE: list[str] = [name for name in (TICK_RECORD.names or ()) if name != "seconds"]

#: Bins of `Island.census`: an organism is in the last one whose edge is not above its age in ticks, its size in nodes, its energy.
#: The last bin is open above, and what lies below the first edge is in the first bin. Energies are finest about those that the
#: default parameters lead to: 1 at birth, 2 at most.
CENSUS: dict[str, tuple[float, ...]] = {
    "age": (0, *(2**k for k in range(15))),
    "size": (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512),
    "energy": (0, 0.0625, 0.125, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 4, 8, 16, 64, 256),
}

_SUMMED = (
    *("evaluations", "node_evaluations", "births", "duplicates", "oversized", "stillborn", "immigrants"),
    *("living", "retained", "referenced"),
)


def over_islands(parts: Sequence[Any]) -> Any:
    """Records of the same ticks on several islands as one: counts are sums, best_loss the least, the rest means."""
    if len(parts) == 1:
        return parts[0]
    stacked = np.stack(parts)
    out = stacked[0].copy()
    for name in out.dtype.names or ():
        if name in _SUMMED or name.startswith(("invalid_", "deaths_")):
            out[name] = stacked[name].sum(axis=0)
        elif name != "tick":
            out[name] = stacked[name].min(axis=0) if name == "best_loss" else stacked[name].mean(axis=0)
    return out


def deaths_by_cause(records: npt.NDArray[np.void]) -> dict[str, int]:
    """Deaths over the given records by cause: starved, or eaten by which predator."""
    return {cause: int(records[f"deaths_{cause}"].sum()) for cause in DEATHS}
