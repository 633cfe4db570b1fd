"""A small table as text."""

import os
import time


def csv(count=20, start=0, header="a,b,y"):
    rows = (f"{x},{x * x % 7},{3 * x + 1}" for x in range(start, start + count))
    return "\n".join([header, *rows]) + "\n"


def let_settle(monkeypatch):
    """As if all files had been written long ago."""
    now = time.time
    monkeypatch.setattr("vmesh.data.source.time.time", lambda: now() + 60)


def held(cache):
    """The tables in a cache."""
    folder = cache / "tables"
    return sorted(os.listdir(folder)) if folder.is_dir() else []
