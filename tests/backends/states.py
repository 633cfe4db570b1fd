"""A run's state without what the clock put into it: the seconds that a tick took."""

import numpy as np

from vgp.checkpoint_bytes import decoded
from vgp.statistics import REPRODUCIBLE, TICK_RECORD


def timeless(state):
    """Name -> content of a state's sections; equal for equal runs."""
    found = {}
    for name, content in decoded(state).items():
        history = name.rpartition(".")[2] == "history"
        found[name] = timeless_records(np.frombuffer(content, TICK_RECORD)) if history else bytes(content)
    return found


def timeless_records(records):
    """Tick records as bytes."""
    return [tuple(record) for record in records[REPRODUCIBLE].tolist()]
