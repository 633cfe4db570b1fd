"""The statistics of a run as a model keeps them: few enough records for a file, totals as they were.

In the file they are columns, little-endian, 8 bytes a value, one after the other, compressed with zlib and written in base64:

    {"fields": ["tick", ...], "records": 400, "columns": "<base64>"}

Fields are found by name, so that files of before and after a new field are read alike.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.errors import InputError
from vgp.statistics import DEATHS, STATUS_NAMES, TICK_RECORD

Records = npt.NDArray[np.void]

MOST_RECORDS = 400
MOST_STORED = 100_000  # that a file may claim to hold
MOST_FIELDS = 1000

#: Fields that tell what happened in one tick; the others tell how things stood at its end.
COUNTED = (
    *("births", "duplicates", "oversized", "stillborn", "tunings", "improved", "immigrants", "seconds"),
    *(f"invalid_{name}" for name in STATUS_NAMES),
    *(f"deaths_{name}" for name in DEATHS),
)


def thinned(records: Records, most: int = MOST_RECORDS) -> Records:
    """At most `most` (2 or more) of the records, (n,) TICK_RECORD: the first, the last, and the others evenly by evaluations.

    What a record counts (COUNTED) is summed over itself and the ticks left out before it, so that totals stay the same.
    Raises InputError for an array of another kind.
    """
    if not isinstance(records, np.ndarray) or records.dtype != TICK_RECORD or records.ndim != 1:
        raise InputError("the history is no array of vgp.statistics.TICK_RECORD; give what Island.statistics() returns")
    if len(records) <= most:
        return records.copy()
    evaluations = records["evaluations"].astype(np.float64)
    evenly = np.searchsorted(evaluations, np.linspace(evaluations[0], evaluations[-1], most - 1))
    kept = np.unique([0, *np.minimum(evenly[:-1], len(records) - 1), len(records) - 1])
    out = records[kept].copy()
    begins = np.concatenate([[0], kept[:-1] + 1])
    for name in COUNTED:
        out[name] = np.add.reduceat(records[name], begins)
    return out


def history_body(records: Records) -> dict[str, Any]:
    """Records as plain values, fit for JSON; `history_from` gives the same records again."""
    names = list(TICK_RECORD.names or ())
    columns = b"".join(np.ascontiguousarray(records[name]).astype(_stored(name)).tobytes() for name in names)
    return {"fields": names, "records": len(records), "columns": base64.b64encode(zlib.compress(columns, 9)).decode()}


def history_from(body: Mapping[str, Any]) -> Records:
    """The records of `history_body`. A field that the file lacks is 0, or NaN where it is no count.

    Raises ValueError, TypeError or KeyError for anything else.
    """
    names, n_records = body["fields"], body["records"]
    if type(n_records) is not int or not 0 <= n_records <= MOST_STORED or not isinstance(names, list) or len(names) > MOST_FIELDS:
        raise ValueError("a history that cannot be")
    columns = np.frombuffer(_inflated(body["columns"], 8 * n_records * len(names)), np.uint8).reshape(len(names), -1)
    records = np.zeros(n_records, TICK_RECORD)
    for name in TICK_RECORD.names or ():
        if name in names:
            records[name] = columns[names.index(name)].view(_stored(name))
        elif TICK_RECORD[name].kind == "f":
            records[name] = np.nan
    return records


def _stored(name: str) -> np.dtype[Any]:
    return TICK_RECORD[name].newbyteorder("<")


def _inflated(text: str, n_bytes: int) -> bytes:
    """Exactly so many bytes: a small file cannot ask for much memory."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(text, validate=True), n_bytes + 1)
    except (zlib.error, binascii.Error) as error:
        raise ValueError(str(error)) from None
    if len(content) != n_bytes or not unpacking.eof:
        raise ValueError("a history of another length")
    return content
