"""Old rows become fewer, so that a file stays small however long a worker lives: of each span of time the last row is kept.

With a row in 5 s: 720 of the last hour, 2,880 of the last day, 8,640 of the last month, one an hour before that; some megabytes.
"""

from __future__ import annotations

import sqlite3

#: (older than, one row in so many), in seconds.
STEPS = ((3600.0, 30.0), (86_400.0, 300.0), (30 * 86_400.0, 3600.0))


def thin(connection: sqlite3.Connection, now: float) -> int:
    """Removes rows; returns how many. The caller commits."""
    removed = 0
    for age, span in STEPS:
        for table, group in (("figures", "incarnation, CAST(time / ? AS INTEGER)"), ("front", "CAST(time / ? AS INTEGER)")):
            kept = f"SELECT max(id) FROM {table} WHERE time < ? GROUP BY {group}"
            done = connection.execute(f"DELETE FROM {table} WHERE time < ? AND id NOT IN ({kept})", (now - age, now - age, span))
            removed += done.rowcount
    return removed
