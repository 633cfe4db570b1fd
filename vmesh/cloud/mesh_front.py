"""The front of a whole mesh, asked of all its workers through ssh to one of the nodes, as a model that `vgp show` opens."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vgp.choice import choose
from vgp.errors import VgpError
from vgp.front import Front, FrontEntry, merge
from vgp.model import Model
from vmesh.admin.client import Inquiries
from vmesh.admin.crawl import crawl
from vmesh.cloud.doors import Door, through
from vmesh.errors import AdminError
from vmesh.front_rows import entry_of

ROWS = 1000  # of a table whose worker does not say


@dataclass
class Told:
    """What workers told, by name. `silent`: who did not, and why."""

    statuses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    fronts: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)


def ask_mesh(doors: Sequence[Door], ssh_config: Path, keys: Path | None, timeout: float) -> Told:
    """Asks every worker of the mesh for its status and its front, through the first door that opens. `timeout`: seconds an answer
    may take. Raises AdminError with what the last door said, KeyFileError."""
    return through(doors, ssh_config, keys, lambda inquiries, door: _ask(inquiries, door, timeout))


def _ask(inquiries: Inquiries, door: Door, timeout: float) -> Told:
    mesh = crawl(inquiries, door.admin, min(timeout, 5.0))
    if not mesh.workers:
        raise AdminError(next(iter(mesh.silent.values()), f"no worker of {door.name} answers"))
    told = Told(silent=dict(mesh.silent))
    names = {address: name for name, address in mesh.workers.items()}
    for command in ("status", "front"):
        for address in names:
            inquiries.add(address, command, timeout=timeout)
        for outcome in inquiries:
            name = names[outcome.address]
            try:
                result = outcome.result
            except VgpError as error:
                told.silent[name] = str(error)
                continue
            if command == "status" and isinstance(result, dict):
                told.statuses[name] = result
            elif command == "front" and isinstance(result, list):
                told.fronts[name] = [row for row in result if isinstance(row, dict)]
    return told


def mesh_model(told: Told) -> Model | None:
    """The best formula of each size over all workers; None where there is none yet.

    Losses can be compared on one table and with one loss only: the newest table counts, and of the losses the one that most use.
    """
    tables = {name: _table(status) for name, status in told.statuses.items() if told.fronts.get(name) and _names(status)}
    if not tables:
        return None
    newest = max(tables.values())
    there = [name for name, table in tables.items() if table == newest]
    loss, _ = Counter(str(told.statuses[name].get("loss") or "squared") for name in there).most_common(1)[0]
    chosen = [name for name in there if (told.statuses[name].get("loss") or "squared") == loss]
    first = told.statuses[chosen[0]]
    names, data = _names(first), first["data"]
    same = [name for name in chosen if _names(told.statuses[name]) == names]
    front = merge([Front(tuple(_entries(told.fronts[name], names))) for name in same])
    if not len(front):
        return None
    rows = data.get("rows")
    counted = (status.get("evaluations") for status in told.statuses.values())
    return Model(
        names=names,
        target=str(data.get("target") or ""),
        entries=tuple(front),
        chosen=choose(front, rows if isinstance(rows, int) else ROWS, loss),
        parameters={"loss": loss},
        evaluations=sum(count for count in counted if isinstance(count, int)),
        data={"source": data.get("url"), "rows": data.get("rows"), "checksum": data.get("checksum")},
    )


def _table(status: Mapping[str, Any]) -> tuple[int, str]:
    data = status.get("data") or {}
    version = data.get("version")
    return (version if isinstance(version, int) else 0, str(data.get("checksum") or ""))


def _names(status: Mapping[str, Any]) -> tuple[str, ...]:
    data = status.get("data")
    columns = data.get("columns") if isinstance(data, dict) else None
    return tuple(map(str, columns)) if isinstance(columns, list) else ()


def _entries(rows: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> list[FrontEntry]:
    entries = [entry for entry in (entry_of(row, names) for row in rows) if entry is not None]
    return [entry for entry in entries if math.isfinite(entry.loss)]
