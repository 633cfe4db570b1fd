"""cluster.json: the values of a cluster, written by launch and read by every node at every boot."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from vgp.errors import InputError
from vmesh.cloud import plain

FORMAT = 1
LARGEST = 1 << 20  # bytes


@dataclass(frozen=True)
class BundleReference:
    """The bundle that nodes install: in the deploy bucket."""

    id: str
    key: str
    sha256: str  # of bundle.tar, hexadecimal


@dataclass(frozen=True)
class ClusterValues:
    """What all nodes of a cluster have in common."""

    name: str
    bundle: BundleReference
    table: str  # s3://bucket/key
    target: str
    columns: str = ""  # names separated by commas; empty: all columns of numbers
    drop: tuple[str, ...] = ()
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)  # sections of vmesh's TOML
    workers: int | None = None  # a node; None: one for each core
    memory_max: str = "85%"  # of vmesh.service
    max_hours: float | None = 24.0  # after the launch of an instance it ends itself; None: never
    preset: str = "lan"
    metrics: bool = False  # whether nodes install node_exporter, for Prometheus
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """As it is kept."""
        return json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False).encode()


def read(content: bytes) -> ClusterValues:
    """Raises InputError in one line for bytes that are not the values of a cluster."""
    found = plain.read(content, ClusterValues, "cluster.json", LARGEST)
    if found.format != FORMAT:
        raise InputError(
            f"cluster.json is of format {found.format} and this version reads {FORMAT}; run launch.yml of this version"
        )
    return found
