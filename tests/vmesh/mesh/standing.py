"""What a mesh knows, asked from outside, and the promise that no fault may make it worse."""

import json
import math

from tests.vmesh.mesh.workers import PLANETS, TARGET, eventually
from vgp.front import rounding_loss
from vgp.tables import read_table

ROUNDING = 1 + 1e-9
#: Losses below it are equally good: a front ends with the first one, by design. That of the planets is the largest of our tables.
NOTHING_LEFT = rounding_loss(read_table(PLANETS).column(TARGET), "float32")


def fronts(workers):
    """The least loss for each size, over the fronts of all these workers."""
    known = {}
    for worker in workers:
        for row in worker.ask("front"):
            known[row["size"]] = min(row["loss"], known.get(row["size"], math.inf))
    return known


def assert_no_worse(after, before):
    """For every size there is something at least as good that is no larger."""
    for size, loss in before.items():
        now = min((other for least, other in after.items() if least <= size), default=math.inf)
        assert now <= max(loss * ROUNDING, NOTHING_LEFT), f"size {size}: {now} where {loss} was known; {json.dumps(after)}"


def shared(workers):
    """The best loss known at this moment, once all of these have something as good: what a mesh knows, not one alone."""
    best = min(worker.best() for worker in workers)
    eventually(lambda: all(worker.best() <= max(best * ROUNDING, NOTHING_LEFT) for worker in workers))
    return best


def assert_goes_on(workers):
    """Every worker evolves, hears from others, and answers."""
    before = {worker.name: worker.ask("status") for worker in workers}

    def further(worker):
        was, now = before[worker.name], worker.ask("status")
        ticks = now["tick"] > was["tick"] or now["paused"]
        return ticks and (now["exchange"]["received"] > was["exchange"]["received"] or len(workers) == 1)

    for worker in workers:
        eventually(lambda worker=worker: further(worker))


def assert_whole(workers):
    """Each is reached from the first one over the neighbours that workers name."""
    named = {worker.name: worker for worker in workers}

    def reached():
        seen, front = set(), [workers[0].name]
        while front:
            name = front.pop()
            if name in seen:
                continue
            seen.add(name)
            front += named[name].neighbours() & named.keys()
        return seen == named.keys()

    eventually(reached)
