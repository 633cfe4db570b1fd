"""The front of islands that evolve on mini-batches, as it is on the whole table."""

from __future__ import annotations

from collections.abc import Sequence

from vgp.front import Front, merge
from vgp.island import Island


def front_on_all_rows(islands: Sequence[Island]) -> Front:
    """The front of islands with one table and set of parameters: losses, slopes and intercepts are those on all of its rows.

    A formula without a finite value on some row is left out. Raises what an evaluation raises.
    """
    first = islands[0]
    if not first.on_minibatches:
        return merge([island.front() for island in islands], first.rounding)
    room = max(2, sum(len(island.champions()) for island in islands))
    parameters = first.parameters.replace(minibatch_rows=0, population_size=room, births_per_tick=room)
    with Island(first.dataset, parameters, seed=first.seed, **first._began_with) as whole:
        for island in islands:
            whole.import_(island.export("front"))
        return whole.front()
