"""What nodes read when they begin, brought to the buckets: table, keys, cluster.json; and their user-data. No needless writing.

cluster.json comes last: a node that starts in the middle finds the values of before, or none and tries again. If there is another
table, the nodes that run are told before: whoever interrupts this does both again.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vmesh import s3
from vmesh.cloud import cluster_values, living, mesh_keys, mesh_move, numbers, tables, user_data
from vmesh.cloud.aws import Cloud
from vmesh.cloud.cluster_values import BundleReference, ClusterValues
from vmesh.cloud.instances import ALIVE, NODE, listed
from vmesh.cloud.places import cluster_key, keys_key


def module(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """What the module cluster_publish returns for its parameters. Raises InputError, StorageError, CloudError."""
    store, cluster, buckets = s3.S3(), params["cluster"], params["buckets"]
    changed = []
    url, uploaded = table(params, store, check)
    changed += ["table"] * uploaded
    changed += ["keys"] * keys(params, store, check)
    values = wanted(params, url)
    place = s3.Place(buckets["deploy"], cluster_key(cluster))
    before = content(store, place)
    told = moved(params, before, values, check)
    changed += ["mesh"] * bool(told)
    changed += ["cluster.json"] * put(store, place, values.to_bytes(), before, check)
    config = {"format": 1, "cluster": cluster, **{name: buckets[name] for name in ("deploy", "data")}}
    return {
        "changed": bool(changed),
        "written": changed,
        "table": url,
        "target": values.target,
        "moved": told,
        "user_data": user_data.render(config | {"region": params["region"], "endpoint": params["endpoint"] or None}),
    }


def table(params: Mapping[str, Any], store: s3.S3, check: bool) -> tuple[str, bool]:
    """The URL of the table, and whether it was brought there now."""
    data = params["data"]
    return (data, False) if data.startswith(s3.SCHEME) else tables.upload(Path(data), params["buckets"]["data"], store, check=check)


def keys(params: Mapping[str, Any], store: s3.S3, check: bool) -> bool:
    """Whether the nodes' keys in the deploy bucket were not those of the folder."""
    folder, place = Path(params["keys"]), s3.Place(params["buckets"]["deploy"], keys_key(params["cluster"]))
    before = content(store, place)
    if check and not mesh_keys.complete(folder):
        return True
    alive = before is not None and not any(folder.glob("*.key")) and runs(params)
    mesh_keys.made(folder, published=before is not None, alive=alive)
    return put(store, place, mesh_keys.packed(folder), before, check)


def runs(params: Mapping[str, Any]) -> bool:
    """Whether there are nodes."""
    return bool(listed(Cloud(params["region"]), params["cluster"], NODE, ALIVE))


def wanted(params: Mapping[str, Any], url: str) -> ClusterValues:
    """The values of the cluster. Raises InputError."""
    workers = params["workers"]
    return ClusterValues(
        name=params["cluster"],
        bundle=BundleReference(*(params["bundle"][name] for name in ("id", "key", "sha256"))),
        table=url,
        target=params["target"],
        columns=params["columns"],
        drop=tuple(params["drop"]),
        settings=params["settings"],
        workers=None if workers in (None, "", "all") else numbers.whole("cluster_workers", workers, 4096),
        memory_max=params["memory_max"],
        max_hours=numbers.hours("max_hours", params["max_hours"]),
        preset=params["preset"],
        metrics=bool(params.get("metrics")),
    )


def moved(params: Mapping[str, Any], before: bytes | None, values: ClusterValues, check: bool) -> bool:
    """Whether nodes that run had another table, and now have been told of this one. Raises AdminError if none could be told."""
    if before is None or cluster_values.read(before).table == values.table or not runs(params):
        return False
    if not check:
        mesh_move.move(living.found(Cloud(params["region"]), params), values.table)
    return True


def content(store: s3.S3, place: s3.Place) -> bytes | None:
    """An object's bytes; None if it is not there. Raises InputError, StorageError."""
    entry = store.find(place)
    if entry is None:
        return None
    data = io.BytesIO()
    store.get(entry, data.write)
    return data.getvalue()


def put(store: s3.S3, place: s3.Place, data: bytes, before: bytes | None, check: bool) -> bool:
    """Writes an object unless its content is that already; whether it was not."""
    if data == before:
        return False
    if not check:
        store.put(place, io.BytesIO(data), len(data))
    return True
