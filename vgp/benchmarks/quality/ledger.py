"""The file of finished runs: JSON, a line each, appended as they end. Started again, a benchmark does what is missing."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vgp.errors import InputError

KEY = ("suite", "problem", "engine", "seed", "noise", "seconds", "settings")

Record = dict[str, Any]


def key_of(record: Mapping[str, Any]) -> str:
    """What a run is: equal keys, same run."""
    return json.dumps([record.get(name) for name in KEY], sort_keys=True)


class Ledger:
    """Records by key, the last line of a key counts. Raises InputError for a file that is no ledger."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.records: dict[str, Record] = {}
        if self.path.exists():
            self._read()

    def _read(self) -> None:
        try:
            text = self.path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{self.path} cannot be read: {error}") from None
        lines = text.split("\n")
        for n, line in enumerate(lines[:-1], 1):
            try:
                record = json.loads(line)
                self.records[key_of(record)] = record
            except (ValueError, AttributeError):
                raise InputError(
                    f"{self.path}, line {n}: is no record of a run; remove the line, or choose another --results"
                ) from None
        if lines[-1]:  # written by a process that was killed meanwhile
            with self.path.open("r+b") as file:
                file.truncate(len(text.encode()) - len(lines[-1].encode()))

    def missing(self, runs: Iterable[Record]) -> list[Record]:
        """The runs that are not finished yet; those that failed are not repeated."""
        return [run for run in runs if key_of(run) not in self.records]

    def forget(self, runs: Iterable[Record], *, only_failed: bool = False) -> None:
        """Takes these runs for missing; their lines stay in the file until new ones follow, and count."""
        for key in map(key_of, runs):
            if not (only_failed and self.records.get(key, {}).get("status") == "done"):
                self.records.pop(key, None)

    def add(self, record: Record) -> None:
        """Appends a finished run, in one write."""
        line = json.dumps(record) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            file.write(line.encode())
        self.records[key_of(record)] = record

    def of(self, runs: Iterable[Record]) -> list[Record]:
        """The records of these runs, as far as there are any."""
        return [self.records[key] for run in runs if (key := key_of(run)) in self.records]
