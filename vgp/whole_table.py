"""The front of islands that evolve on mini-batches, as it is on the whole table."""

from __future__ import annotations

from collections.abc import Sequence

from vgp.front import Front, merge
from vgp.island import Island


def front_on_all_rows(islands: Sequence[Island]) -> Front:
    """The front of islands with one table between them: losses, slopes and intercepts are those on all of its rows.

    A formula without a finite value on some row is left out. Raises what an evaluation raises.
    """
    if not any(island.on_minibatches for island in islands):
        return merge([island.front() for island in islands], islands[0].rounding)
    with islands[0].on_whole_table(room=sum(len(island.champions()) for island in islands)) as whole:
        for island in islands:
            whole.import_(island.export("front"))
        return whole.front()
