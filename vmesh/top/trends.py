"""The last minutes of a mesh, as small charts and rates need them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vmesh.drawing.sparklines import mean
from vmesh.watch.feed import Curve, Past
from vmesh.watch.view import Said, Seen, View

KEPT = 300  # points of a curve
WINDOW = 6  # views that rates are taken over
MOST_LINES = 500


@dataclass
class Curves:
    """Pace and best loss, the newest last."""

    pace: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    loss: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, pace: float, loss: float) -> None:
        """One moment more."""
        self.pace.append(pace)
        self.loss.append(loss)


@dataclass(frozen=True)
class Rates:
    """Per second, over the last views. `deaths` by cause."""

    births: float = math.nan
    duplicates: float = math.nan
    stillborn: float = math.nan
    immigrants: float = math.nan
    deaths: Mapping[str, float] = field(default_factory=dict)


class Trends:
    """Notes views as they come."""

    def __init__(self, past: Past | None = None) -> None:
        self.mesh = Curves()
        self.workers: dict[str, Curves] = {}
        self.lines: deque[Said] = deque(maxlen=MOST_LINES)
        self._views: deque[View] = deque(maxlen=WINDOW)
        self._best = math.nan
        for name, curve in past.curves.items() if past else ():
            self._recall(name, curve)
        self._recall_mesh(past.curves.values() if past else ())

    def note(self, view: View) -> None:
        """A view more; one that is no newer than the last is none."""
        if self._views and view.time <= self._views[-1].time:
            return
        self._views.append(view)
        self.lines.extend(view.lines)
        self._best = least(self._best, view.best_loss)
        self.mesh.note(view.total("evaluations_per_second"), self._best)
        for name, seen in view.workers.items():
            figures = seen.figures
            pace = math.nan if seen.silent else 0.0 if figures.state != "running" else figures.evaluations_per_second
            self.workers.setdefault(name, Curves()).note(pace, figures.best_loss)
        for name in self.workers.keys() - view.workers.keys():
            del self.workers[name]

    @property
    def newest(self) -> View | None:
        """The last view that was noted."""
        return self._views[-1] if self._views else None

    @property
    def best_loss(self) -> float:
        """The least that anybody had since this began: a worker that ends takes nothing away."""
        return self._best

    @property
    def rates(self) -> Rates:
        """Over the last views; unknown until there are two."""
        return rates(self._views[0], self._views[-1]) if len(self._views) > 1 else Rates()

    def _recall(self, name: str, curve: Curve) -> None:
        known = self.workers.setdefault(name, Curves())
        known.pace.extend(curve.evaluations_per_second)
        known.loss.extend(curve.best_loss)

    def _recall_mesh(self, curves: Iterable[Curve]) -> None:
        """What all of them did together, in steps of equal time: each curve has moments of its own."""
        listed = [curve for curve in curves if len(curve.time) > 1]
        begin = min((curve.time[0] for curve in listed), default=math.nan)
        end = max((curve.time[-1] for curve in listed), default=math.nan)
        if not (math.isfinite(begin) and math.isfinite(end) and end > begin):
            return
        steps = min(KEPT, max(len(curve.time) for curve in listed))
        paces, losses = [0.0] * steps, [math.nan] * steps
        for curve in listed:
            last = 0.0
            found = in_steps(curve, begin, end, steps)
            for step, (pace, loss) in enumerate(found):
                last = pace if math.isfinite(pace) else last if step <= _step(curve.time[-1], begin, end, steps) else 0.0
                paces[step] += last
                losses[step] = least(losses[step], loss)
        for pace, loss in zip(paces, losses, strict=True):
            self._best = least(self._best, loss)
            self.mesh.note(pace, self._best)


def in_steps(curve: Curve, begin: float, end: float, steps: int) -> list[tuple[float, float]]:
    """Mean pace and least loss of a curve in each step of time; NaN where it has no point."""
    paces: list[list[float]] = [[] for _ in range(steps)]
    losses = [math.nan] * steps
    for when, pace, loss in zip(curve.time, curve.evaluations_per_second, curve.best_loss, strict=False):
        step = _step(when, begin, end, steps)
        paces[step].append(pace)
        losses[step] = least(losses[step], loss)
    return [(mean(pace), loss) for pace, loss in zip(paces, losses, strict=True)]


def _step(when: float, begin: float, end: float, steps: int) -> int:
    return min(max(int(steps * (when - begin) / (end - begin)), 0), steps - 1) if math.isfinite(when) else 0


def least(a: float, b: float) -> float:
    """The lesser one; NaN only if both are."""
    return b if math.isnan(a) or b < a else a


def rates(before: View, now: View) -> Rates:
    """What happened between two views, in each worker since it answered before."""
    pairs = [(before.workers[name], seen) for name, seen in now.workers.items() if not seen.silent and name in before.workers]
    pairs = [(old, new) for old, new in pairs if new.time > old.time]
    if not pairs:
        return Rates()
    causes = {cause for _, new in pairs for cause in new.figures.deaths}

    def grown(name: str) -> float:
        return math.fsum(_per_second(old, new, getattr(old.figures, name), getattr(new.figures, name)) for old, new in pairs)

    def counted(cause: str) -> float:
        counts = ((old, new, old.figures.deaths.get(cause, 0), new.figures.deaths.get(cause, 0)) for old, new in pairs)
        return math.fsum(_per_second(*count) for count in counts)

    numbers = {name: grown(name) for name in ("births", "duplicates", "stillborn", "immigrants")}
    return Rates(**numbers, deaths={cause: counted(cause) for cause in sorted(causes)})


def _per_second(old: Seen, new: Seen, before: int, after: int) -> float:
    """Counters begin anew with a life: of a new one, all counts."""
    same = new.figures.uptime >= old.figures.uptime and after >= before
    return (after - before if same else after) / (new.time - old.time)
