"""The front of islands that evolve on mini-batches, as it is on the whole table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vgp.dataset import Dataset
from vgp.front import Front, merge
from vgp.genome import decode_bundle
from vgp.island import Island
from vgp.parameters import Parameters


def front_on_all_rows(islands: Sequence[Island]) -> Front:
    """The front of islands with one table and set of parameters: losses, slopes and intercepts are those on all of its rows.

    A formula without a finite value on some row is left out. Raises what an evaluation raises.
    """
    first = islands[0]
    if not first.on_minibatches:
        return merge([island.front() for island in islands], first.rounding)
    return front_of_records([island.export("front") for island in islands], first.dataset, first.parameters, **first._began_with)


def front_of_records(records: Sequence[bytes], dataset: Dataset, parameters: Parameters, **began_with: Any) -> Front:
    """The front on all rows of organisms in portable records. `began_with`: sandbox and loss function as for an `Island`."""
    room = max(2, sum(int(decode_bundle(record, open=True).is_root.sum()) for record in records))
    parameters = parameters.replace(minibatch_rows=0, population_size=room, births_per_tick=room)
    with Island(dataset, parameters, **began_with) as whole:
        for record in records:
            whole.import_(record)
        return whole.front()
