"""A cluster as whoever wants something of it finds it: nodes that run, what they say of themselves, and how to get to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmesh.cloud.account import signed_in
from vmesh.cloud.aws import Cloud
from vmesh.cloud.doors import Door
from vmesh.cloud.from_nodes import Ssh
from vmesh.cloud.instances import NODE, Instance, listed
from vmesh.cloud.node_records import NodeRecords, own
from vmesh.cloud.record import Record


@dataclass(frozen=True)
class Living:
    """A cluster that has nodes, or had some."""

    cluster: str
    bucket: str  # of data
    nodes: Sequence[Instance]  # that run
    records: Mapping[int, Record]  # of all, also of nodes that have ended
    ssh: Ssh
    keys: Path | None  # folder of the mesh's keys; None: there is none, and the mesh has no keys

    @property
    def doors(self) -> list[Door]:
        """Nodes to enter the mesh by: those that evolve first, and of these who was heard of last."""
        said = [(node, own(self.records, node.index, node.instance)) for node in self.nodes]
        known = [(node, record) for node, record in said if record is not None and record.admin]
        known.sort(key=lambda pair: (pair[1].state != "evolving", -pair[1].updated))
        return [Door(node.name, record.admin) for node, record in known]


def found(cloud: Cloud, told: Mapping[str, Any]) -> Living:
    """The cluster that parameters of a module name. Raises CloudError, InputError, StorageError."""
    bucket = signed_in(cloud, told["cluster"], told["bucket_prefix"]).buckets["data"]
    nodes = [one for one in listed(cloud, told["cluster"], NODE, ("running",)) if one.index is not None]
    records = NodeRecords(bucket, told["cluster"]).read()
    keys = Path(told["keys"])
    return Living(
        told["cluster"], bucket, nodes, records, Ssh(Path(told["ssh_config"]), told["timeout"]), keys if keys.is_dir() else None
    )
