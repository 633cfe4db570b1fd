"""Bundles into their buckets. What names the current bundle is written last: a broken upload changes nothing for nodes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vgp.errors import InputError
from vmesh.cloud.bundle import LONGEST, Current, current_key, parse_current, verify
from vmesh.cloud.source import SHORT, Source, from_checkout
from vmesh.s3 import S3, Place


def missing_source(source: Source, bucket: str, store: S3) -> bool:
    """Whether the code bucket lacks it."""
    return store.find(Place(bucket, source.key)) is None


def publish_source(source: Source, bucket: str, store: S3) -> bool:
    """Puts a source bundle into the code bucket; False if it is there already. Raises InputError or StorageError."""
    if not missing_source(source, bucket, store):
        return False
    data = source.compressed()
    store.put(Place(bucket, source.key), io.BytesIO(data), len(data))
    return True


def publish_bundle(path: Path, bucket: str, store: S3) -> Current:
    """Checks a bundle.tar, puts it into the deploy bucket and makes it the current one of its architecture."""
    current = verify(path)
    manifest = current.manifest
    with open(path, "rb") as file:
        store.put(Place(bucket, manifest.key), file, current.size)
    for key, data in ((f"bundles/{manifest.id}/manifest.json", manifest.text()), (current.key, current.text())):
        store.put(Place(bucket, key), io.BytesIO(data), len(data))
    return current


def current_bundle(bucket: str, arch: str, store: S3) -> Current | None:
    """The bundle that nodes of this architecture get, or None if none was built yet. Raises InputError or StorageError."""
    place = Place(bucket, current_key(arch))
    entry = store.find(place)
    if entry is None:
        return None
    data = io.BytesIO()
    if entry.size > LONGEST:
        raise InputError(f"{place} is damaged: it is larger than {LONGEST:,} bytes; build the bundle again")
    store.get(entry, data.write)
    return parse_current(data.getvalue())


def source_module(parameters: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The work of the module cluster_source: the source bundle of a checkout into the code bucket, unless its bundle is built.

    `checkout` (a folder), `code`, `deploy` (buckets), `arch`, `again` (upload even so). Raises InputError or StorageError.
    """
    source = from_checkout(Path(parameters["checkout"]))
    store = S3()
    current = current_bundle(parameters["deploy"], parameters["arch"], store)
    built = current is not None and current.manifest.source == source.sha256
    wanted = parameters["again"] or not built
    upload = missing_source if check_mode else publish_source
    changed = wanted and upload(source, parameters["code"], store)
    return {
        "changed": changed,
        "id": f"{source.version}-{source.sha256[:SHORT]}",
        "sha256": source.sha256,
        "url": str(Place(parameters["code"], source.key)),
        "built": built,
        "bundle": current.manifest.id if current else "",
        "warnings": [f"{name} is not in the source bundle: git does not know it" for name in source.unknown],
    }
