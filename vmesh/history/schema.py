"""The tables of a history. A row of `figures` has what curves are drawn of as columns, and all of the record packed.

    meta     name, value                                         format: the version of these tables
    figures  time, incarnation, tick, evaluations, pace, living, best_loss, record      time: seconds since 1970
    front    time, version, rows                                 whenever it has changed

`record` and `rows` are JSON, compressed by zlib: `vmesh.figures.record` reads both.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

FORMAT = "1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (
  id INTEGER PRIMARY KEY, time REAL NOT NULL, incarnation INTEGER, tick INTEGER, evaluations INTEGER, pace REAL, living INTEGER,
  best_loss REAL, record BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS figures_time ON figures (time);
CREATE TABLE IF NOT EXISTS front (id INTEGER PRIMARY KEY, time REAL NOT NULL, version TEXT NOT NULL, rows BLOB NOT NULL);
"""
LARGEST = 8 << 20  # bytes of a record when it is unpacked


def packed(content: Any) -> bytes:
    """JSON, compressed."""
    return zlib.compress(json.dumps(content, allow_nan=False, separators=(",", ":")).encode(), 6)


def unpacked(blob: Any) -> Any:
    """What was packed; None for any other bytes."""
    if not isinstance(blob, bytes):
        return None
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(blob, LARGEST)
        return json.loads(text) if unpacker.eof else None
    except (zlib.error, ValueError, RecursionError):
        return None
