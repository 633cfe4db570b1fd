"""What the kernel tells of processes: memory and CPU time."""

from __future__ import annotations

import os
import resource
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def resident(process: str) -> int | None:
    """Bytes of a process in memory, shared pages included; None if there is no such process any more."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return None


def busy(process: int) -> float:
    """Seconds of CPU time that another process has used; 0 if there is no such process any more."""
    try:
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / TICKS
    except (OSError, IndexError, ValueError):
        return 0.0


def own_time() -> float:
    """Seconds of CPU time of this process, and of those that it started and that have ended."""
    spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)
