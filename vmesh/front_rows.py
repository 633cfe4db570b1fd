"""Fronts as workers answer administrators: a row is an entry of `vgp.front`, whatever a worker may send."""

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

from vgp import genome
from vgp.errors import VgpError
from vgp.front import FrontEntry
from vgp.layout import VARIABLE


def entry_of(row: Mapping[str, Any], names: tuple[str, ...]) -> FrontEntry | None:
    """An entry from an answer's row; None if it is none."""
    try:
        bundle = genome.decode_bundle(base64.b64decode(row["record"], validate=True))
        held = {int(id_): bundle.genome(i) for i, id_ in enumerate(genome.ids(bundle.nodes, bundle.offsets))}
        nodes = genome.flatten(bundle.genome(len(bundle) - 1), held.get).copy()
        variables = nodes["payload"][nodes["op"] == VARIABLE]
        if len(variables) and int(variables.max()) >= len(names):
            return None
        return FrontEntry(
            size=len(nodes),
            loss=float(row["loss"]),
            r2=math.nan if row["r2"] is None else float(row["r2"]),
            nodes=nodes,
            slope=float(row["slope"]),
            intercept=float(row["intercept"]),
            id=genome.genome_id(nodes),
            names=names,
        )
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error, VgpError):
        return None
