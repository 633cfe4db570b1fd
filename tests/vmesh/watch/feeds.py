"""A feed whose every view is said by the test."""

from vgp.errors import InputError
from vmesh.errors import AdminError
from vmesh.figures.record import Figures, FrontRow, Histogram
from vmesh.watch.feed import LIVE, Curve, Done, Past
from vmesh.watch.view import Found, Said, Seen, View

ROW = FrontRow(size=3, loss=0.25, r2=0.9, formula="2 * x", mathml="<math><mi>x</mi></math>", chosen=True, id="01", constants=1)


def figures(name="host/0", **changes):
    """Of a worker that evolves."""
    told = {
        "tick": 10, "evaluations": 1000, "evaluations_per_second": 50.0, "living": 90, "capacity": 100, "best_loss": 0.25,
        "births": 40, "deaths": {"starved": 3}, "exchange": {"sent_organisms": 7, "accepted": 5}, "memory_bytes": 100,
        "sandbox_memory_bytes": 20, "memory_limit_bytes": 1000, "age": Histogram((0.0, 1.0), (60, 30)),
    }  # fmt: skip
    return Figures(name=name, **{**told, **changes})


class FakeFeed:
    """Its views differ by their time, which counts looks; what it was told to do stands in `told`."""

    kind = LIVE

    def __init__(self, workers=("host/0", "host/1"), silent=()):
        self.seen = {name: Seen(figures(name), 0.0, cpu=0.5, silent="gone" if name in silent else "") for name in workers}
        self.front = (Found(ROW, workers[0]),) if workers else ()
        self.looks, self.told, self.closed = 0, [], False
        self.fails = False

    def look(self):
        self.looks += 1
        if self.fails:
            raise AdminError("nobody answers")
        lines = (Said(float(self.looks), "host/0", "INFO", f"look {self.looks}"),)
        return View(float(self.looks), self.seen, self.front, lines)

    def past(self, points):
        return Past({name: Curve([1.0, 2.0], [3.0, float("nan")], [4.0, 5.0]) for name in self.seen})

    def do(self, command, arguments, workers):
        names = list(self.seen) if workers is None else workers
        if any(name not in self.seen for name in names):
            raise InputError(f"there is no worker {names[0]}")
        self.told.append((command, dict(arguments), names))
        if command == "parameters" and not arguments:
            return [Done(name, True, {"exchange": {"interval": 1.0 + number}}) for number, name in enumerate(names)]
        answer = {"exchange": {"interval": 2.0}} if command == "parameters" else {"paused": True}
        return [Done(name, True, answer) for name in names]

    def close(self):
        self.closed = True
