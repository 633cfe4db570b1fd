"""What a node tells about itself: one small JSON object in S3, written by the node alone at each change and every minute.

    s3://DATA/clusters/NAME/nodes/00007.json

    booting -> fetching -> installing -> configuring -> starting -> evolving -> leaving -> left
    any of them -> failed, with a reason of one sentence that says what is wrong and what to do

A reader trusts nothing in it: `read` takes any bytes.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any

from vgp.errors import InputError
from vmesh.addresses import well_formed_address
from vmesh.cloud import plain

FORMAT = 1
LARGEST = 1 << 16  # bytes
STATES = ("booting", "fetching", "installing", "configuring", "starting", "evolving", "leaving", "left", "failed")
GONE = ("left", "failed")
STALE = 600.0  # seconds after which a record that was not written again says nothing about its node any more
EACH = 60.0  # seconds between two writings while nothing changes
SILENT = 3 * EACH  # seconds without a writing after which a node that lives counts as silent


@dataclass(frozen=True)
class Record:
    """A node as it was at `updated`. Times are seconds since 1970, addresses "host:port"."""

    index: int
    instance: str  # i-0123456789abcdef0
    name: str  # hostname in the mesh: CLUSTER-INDEX
    state: str
    reason: str = ""  # of "failed"
    private: str = ""  # address
    public: str = ""  # host name, or the address where there is none; empty: none
    mesh: tuple[str, ...] = ()  # where the workers hear each other
    admin: tuple[str, ...] = ()  # where they hear administrators
    workers: int = 0
    workers_evolving: int = 0
    evaluations: int = 0
    evaluations_per_second: float = 0.0
    best_loss: float | None = None
    r2: float | None = None
    formula: str = ""
    started: float = 0.0  # launch of the instance
    updated: float = 0.0
    bundle: str = ""  # its id
    spot_notice: float | None = None  # when the instance is taken away
    until: float | None = None  # end by max_hours
    format: int = FORMAT

    def fresh(self, now: float) -> bool:
        """Whether the node can be expected to be there."""
        return self.state not in GONE and now - self.updated < STALE

    def to_bytes(self) -> bytes:
        """As it is kept; a number that is none is null."""
        found = {name: _finite(value) for name, value in dataclasses.asdict(self).items()}
        return json.dumps(found, ensure_ascii=False).encode()


def read(content: bytes) -> Record:
    """The record that these bytes are. Raises InputError in one line for anything else."""
    found = plain.read(content, Record, "the record", LARGEST)
    if found.format != FORMAT or found.state not in STATES or found.index < 0:
        raise InputError(
            f"the record is of format {found.format}, state {found.state!r} and index {found.index}; not of this version"
        )
    if not all(map(well_formed_address, (*found.mesh, *found.admin))):
        raise InputError("the record has an address that is none")
    return found


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
