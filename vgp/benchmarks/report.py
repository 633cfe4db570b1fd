"""What every benchmark prints and writes: tables of rows, and the machine they were measured on."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from vgp.atomic_file import atomic_write

Row = Mapping[str, Any]


def print_table(title: str, rows: Sequence[Row], stream: TextIO) -> None:
    """Rows as aligned columns under their keys: text to the left, numbers to the right, four significant digits."""
    print(f"\n{title}", file=stream)
    if not rows:
        print("  (no rows)", file=stream)
        return
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[cell(row.get(key)) for key in keys] for row in rows]
    widths = [max(map(len, (key, *column))) for key, column in zip(keys, zip(*cells, strict=True), strict=True)]
    numeric = [all(_is_number(row.get(key)) for row in rows) for key in keys]
    for line in (keys, *cells):
        aligned = [c.rjust(w) if right else c.ljust(w) for c, w, right in zip(line, widths, numeric, strict=True)]
        print("  " + "  ".join(aligned).rstrip(), file=stream)


def cell(value: Any) -> str:
    """A value as it stands in a table: 1.235, 39.2 G, yes; a dash for nothing."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _scaled(value)
    return str(value)


def machine() -> dict[str, Any]:
    """Where a benchmark ran."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def write_json(path: str | os.PathLike[str], results: Mapping[str, Sequence[Row]]) -> None:
    """{"machine": {...}, "results": {benchmark: [row, ...]}}, whole or not at all. Raises CheckpointError naming the file."""
    content = {"machine": machine(), "results": {name: list(rows) for name, rows in results.items()}}
    atomic_write(path, (json.dumps(content, indent=1, default=_plain) + "\n").encode())


def _scaled(value: float) -> str:
    for limit, unit in ((1e9, " G"), (1e6, " M")):
        if abs(value) >= limit:
            return f"{value / limit:.4g}{unit}"
    return f"{value:.4g}"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _plain(value: Any) -> Any:
    """NumPy scalars and arrays for JSON."""
    return value.tolist()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
