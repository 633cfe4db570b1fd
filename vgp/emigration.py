"""What leaves an island: which organisms a record is of, and what its receiver lacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vgp import exchange, genome
from vgp.errors import InputError
from vgp.evolution import Engine
from vgp.layout import REFERENCE


def record(engine: Engine, which: str | Sequence[int], *, callees: bool) -> bytes:
    """A portable record of the chosen organisms; see `Island.export`."""
    return genome.encode_bundle(*exchange.genomes(engine, _chosen(engine, which), callees=callees), open=not callees)


def lacking(engine: Engine, data: bytes) -> list[int]:
    """Ids that the organisms of a record refer to, and that neither travel along nor are held here. Raises RecordError."""
    bundle = genome.decode_bundle(data, open=True)
    called = np.unique(bundle.nodes["payload"][bundle.nodes["op"] == REFERENCE])
    outside = called[~np.isin(called, bundle.ids)]
    return [int(organism_id) for organism_id in outside[~exchange.held(engine, outside)]]


def _chosen(engine: Engine, which: str | Sequence[int]) -> Sequence[int] | npt.NDArray[np.uint64]:
    if not isinstance(which, str):
        return which
    if which == "all":
        return exchange.living(engine)["id"]
    if which in ("front", "best"):
        return exchange.champions(engine)["id"][slice(None) if which == "front" else slice(-1, None)]
    raise InputError(f"cannot export {which!r}; choose front, best, all, or ids")
