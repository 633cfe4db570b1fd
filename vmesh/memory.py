"""Each worker's share of the memory, so that all together cannot make the machine swap, and how a share is enforced.

    spare      what the machine or a control group around this process has left, whichever is less
    reserve    a tenth of it, for the launcher, the kernel's caches and the neighbours
    share      (spare - reserve - the table, which all workers map together) / workers
    division   a share holds the worker process and its sandbox

A process is held to its part by RLIMIT_DATA: it counts private writable memory - heap, stacks, anonymous mappings - and neither the
table nor libraries, which are shared, nor address space that is only reserved, as RLIMIT_AS would.
"""

import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vgp.parameters import Parameters
from vmesh.control_group import ROOT, entry, groups, number
from vmesh.errors import SettingsError
from vmesh.settings import GIBIBYTE, MEBIBYTE

LEAST_RESERVE, MOST_RESERVE = 128 * MEBIBYTE, 2 * GIBIBYTE
LEAST_SHARE = 384 * MEBIBYTE  # half of it holds an interpreter with NumPy, Arrow and its threads
SANDBOX_SLACK = 128 * MEBIBYTE  # what the sandbox needs beyond the table and its cache


@dataclass(frozen=True)
class Spare:
    """Memory that is left, and who says so."""

    bytes: int
    origin: str  # "this machine" or "its control group"


@dataclass(frozen=True)
class Division:
    """A share, in bytes: for the worker process, for its sandbox beyond the table, and of that for kept outputs."""

    process: int
    sandbox: int
    cache: int


def spare(root: Path = ROOT) -> Spare:
    """What is left for new processes. Pages of files that the kernel can drop count as left."""
    found = [Spare(entry_of_meminfo(root, "MemAvailable"), "this machine")]
    for version, folder in groups("memory", root):
        limit = _limit(version, folder)
        if limit is not None:
            found.append(Spare(max(limit - _used(version, folder), 0), "its control group"))
    return min(found, key=lambda one: one.bytes)


def share(workers: int, left: Spare, *, most: int = 0, each: int = 0, table: int = 0) -> int:
    """Bytes for each worker. `most`: limit on all together, `each`: on one; 0: none. Raises SettingsError if it is too little."""
    usable = left.bytes - min(max(left.bytes // 10, LEAST_RESERVE), MOST_RESERVE) - table
    total = min(usable, most) if most else usable
    result = max(total, 0) // workers
    result = min(result, each) if each else result
    if result < LEAST_SHARE:
        fitting = max(total, 0) // LEAST_SHARE
        advice = f"use --workers {fitting}" if fitting else "free some memory, or raise the limit"
        raise SettingsError(
            f"{workers} workers would have {text(result)} of memory each, {text(LEAST_SHARE)} is the least: {left.origin} has "
            f"{text(left.bytes)} to spare{f' and --memory allows {text(most)}' if most else ''}; {advice}"
        )
    return result


def divide(total: int, cache: int = Parameters.cache_bytes) -> Division:
    """A worker's share: the sandbox gets what it needs, two fifths at most, and keeps fewer outputs if that is little."""
    sandbox = min(2 * cache + SANDBOX_SLACK, 2 * total // 5)
    return Division(total - sandbox, sandbox, min(cache, sandbox // 4))


def for_engine(parameters: dict[str, Any], total: int, table: int) -> dict[str, Any]:
    """The engine's parameters with the sandbox's limits for a table of that size; what the user set stays. 0: no limit."""
    if not total:
        return parameters
    division = divide(total, parameters.get("cache_bytes", Parameters.cache_bytes))
    return {"memory_bytes": table + division.sandbox, **parameters, "cache_bytes": division.cache}


def enforce(total: int) -> None:
    """Holds this process to its part of a share; 0: to nothing. Whoever asks for more gets MemoryError."""
    if total:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = divide(total).process
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def text(amount: int) -> str:
    """Bytes in words: 512 MiB, 1.5 GiB."""
    if amount >= GIBIBYTE:
        return f"{amount / GIBIBYTE:.3g} GiB"
    return f"{amount / MEBIBYTE:.0f} MiB"


def entry_of_meminfo(root: Path, name: str) -> int:
    """Bytes behind a name in /proc/meminfo; 0 where it is not."""
    try:
        for line in (root / "proc/meminfo").read_text().splitlines():
            key, _, rest = line.partition(":")
            if key == name:
                return int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return 0


def _limit(version: int, folder: Path) -> int | None:
    names = ("memory.max", "memory.high") if version == 2 else ("memory.limit_in_bytes",)
    limits = [limit for limit in (number(folder / name) for name in names) if limit is not None]
    return min(limits, default=None)


def _used(version: int, folder: Path) -> int:
    usage, cached = ("memory.current", "inactive_file") if version == 2 else ("memory.usage_in_bytes", "total_inactive_file")
    return max((number(folder / usage) or 0) - entry(folder / "memory.stat", cached), 0)
