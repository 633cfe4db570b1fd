"""Which workers of other nodes are joined through: those of records in S3 that are fresh, spread over the cluster.

A node writes its own record, with its address, before it reads those of others. S3 shows a written object to every later reader,
so of several nodes that start together only the first to write can find nobody; all others find it, and the mesh is one.
"""

from __future__ import annotations

import time
import urllib.parse
import xml.etree.ElementTree
from collections.abc import Sequence
from typing import TypeVar

from vgp.errors import InputError
from vmesh.cloud import record
from vmesh.cloud.faults import Missing, Unfit
from vmesh.cloud.metadata import seconds
from vmesh.cloud.places import record_key, records_prefix
from vmesh.cloud.record import Record
from vmesh.cloud.storage import S3

MOST = 8  # seeds
MOST_READ = 32  # records
PAGES = 100  # of 1,000 keys
Item = TypeVar("Item")


def find(s3: S3, bucket: str, cluster: str, index: int) -> list[str]:
    """Addresses of up to 8 workers of other nodes. Raises Unreachable, Unfit."""
    now = time.time()
    others = [key for key, written in listed(s3, bucket, records_prefix(cluster)) if now - written < record.STALE]
    own = record_key(cluster, index)
    later = sorted(key for key in others if key > own)
    ring = later + sorted(key for key in others if key < own)  # each node begins elsewhere
    found: list[Record] = []
    for key in spread(ring, MOST_READ):
        try:
            one = record.read(s3.get(bucket, key, record.LARGEST))
        except (InputError, Missing):
            continue  # damaged, or gone meanwhile: not to be joined through
        found += [one] if one.fresh(now) and one.index != index else []
        if len(found) == MOST:
            break
    return chosen(found)


def chosen(records: Sequence[Record]) -> list[str]:
    """One address of each node, then a second one, until there are enough."""
    longest = max((len(one.mesh) for one in records), default=0)
    rounds = (one.mesh[turn] for turn in range(longest) for one in records if turn < len(one.mesh))
    return list(dict.fromkeys(rounds))[:MOST]


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """`most` of them at even distances; the rest is left out. Those halfway round the ring come early."""
    taken = [items[i * len(items) // most] for i in range(most)] if len(items) > most else list(items)
    step = max(1, len(taken) // MOST)
    return [one for offset in range(step) for one in taken[offset::step]]


def listed(s3: S3, bucket: str, prefix: str) -> list[tuple[str, float]]:
    """Key and time of writing (seconds since 1970) of all objects below a prefix. Raises Unreachable, Unfit."""
    found: list[tuple[str, float]] = []
    query = {"list-type": "2", "prefix": prefix}
    for _ in range(PAGES):
        page = s3.get(bucket, "", most=1 << 24, query=urllib.parse.urlencode(sorted(query.items()), quote_via=urllib.parse.quote))
        rows, following = parsed(page)
        found += rows
        if not following:
            break
        query["continuation-token"] = following
    return found


def parsed(page: bytes) -> tuple[list[tuple[str, float]], str]:
    """Rows of one answer, and the token of the next one. Raises Unfit for what is no list."""
    try:
        root = xml.etree.ElementTree.fromstring(page)
        space = root.tag[: root.tag.rindex("}") + 1] if root.tag.startswith("{") else ""
        rows = [(row.findtext(f"{space}Key") or "", row.findtext(f"{space}LastModified") or "") for row in root]
        found = [(key, seconds(written)) for key, written in rows if key]
    except (xml.etree.ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unfit(f"S3 answers a list that cannot be read: {error}; look at the endpoint in cluster settings") from None
    return found, root.findtext(f"{space}NextContinuationToken") or ""
