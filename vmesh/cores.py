"""How many processor cores this process may use: affinity and the control group's quota, the smaller one."""

import math
import os
from pathlib import Path

from vmesh.control_group import ROOT, groups, number


def cores(root: Path = ROOT) -> int:
    """At least 1."""
    return max(1, min([len(os.sched_getaffinity(0)), *_quotas(root)]))


def _quotas(root: Path) -> list[int]:
    found = []
    for version, folder in groups("cpu", root):
        quota, period = _quota_v2(folder) if version == 2 else _quota_v1(folder)
        if quota and period and quota > 0 and period > 0:
            found.append(math.ceil(quota / period))
    return found


def _quota_v2(folder: Path) -> tuple[int | None, int | None]:
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return int(quota), int(period)
    except (OSError, ValueError):  # "max": none
        return None, None


def _quota_v1(folder: Path) -> tuple[int | None, int | None]:
    return number(folder / "cpu.cfs_quota_us"), number(folder / "cpu.cfs_period_us")
