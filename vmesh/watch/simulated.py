"""A mesh that is made up, of as many workers as one likes: pages, terminals and their servers are tried and measured on it.

The same seed, the same clock readings and the same commands give the same views.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vgp.errors import InputError, VgpError
from vgp.statistics import DEATHS
from vmesh.admin.live_settings import check_changes, read_change
from vmesh.figures.record import Figures, FrontRow, Histogram
from vmesh.sources import SECTIONS
from vmesh.watch.feed import SIMULATED, Curve, Done, Past
from vmesh.watch.made_up_mesh import CAPACITY, DRAINING, INVALID, PAUSED, RUNNING, Mesh
from vmesh.watch.made_up_run import LADDER, LOSSES, TARGET, VARIANTS, histograms, row, typeset
from vmesh.watch.view import Found, Said, Seen, View

STATES = ("running", "paused", "draining")
SILENT = "no answer within 2 s"
LIMIT = 512 << 20
LONGEST_STEP = 10.0  # seconds
MOST_STEPS = 60  # for a clock that was away


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made up. `before`: seconds that the mesh has run when the first view is taken; `away`: workers that never answer."""

    hosts: int = 8
    workers: int = 64  # on each host
    seed: int = 0
    before: float = 600.0
    away: int = 1
    host_names: tuple[str, ...] = ()


class Simulated:
    """A Feed; `clock` gives seconds since 1970."""

    def __init__(self, plan: Plan | None = None, clock: Callable[[], float] = time.time) -> None:
        self._plan = plan = plan or Plan()
        self._clock = clock
        hosts = plan.host_names or tuple(f"node-{i}" for i in range(plan.hosts))
        self.names = [f"{host}/{i}" for host in hosts for i in range(plan.workers)]
        self._place = {name: i for i, name in enumerate(self.names)}
        self._mesh = Mesh(plan.seed, len(self.names), np.repeat(np.arange(len(hosts)), plan.workers))
        self._links = [[self.names[j] for j in links] for links in self._mesh.links]
        self._histograms = histograms(self._mesh.random, CAPACITY)
        self._began = self._now = clock()
        self._settings: list[dict[str, dict[str, Any]]] = [{} for _ in self.names]
        self._injected: dict[FrontRow, int] = {}
        self._front: tuple[Found, ...] = ()
        self._lines: list[Said] = []
        self._past = self._run_before()
        self._silent = {
            f"{hosts[-1]}/{plan.workers + k}": "connection refused: is the worker gone? Its address is from the mesh's views"
            for k in range(plan.away)
        }

    @property
    def kind(self) -> str:
        """SIMULATED."""
        return SIMULATED

    def look(self) -> View:
        """The mesh at the clock's time."""
        self._advance(self._clock())
        lines, self._lines = tuple(self._lines), []
        return View(self._now, self._seen(), self._gathered(), lines, self._silent)

    def past(self, points: int) -> Past:
        """What was before the first view."""
        times, losses, paces = self._past
        chosen = np.unique(np.linspace(0, len(times) - 1, max(1, points)).astype(int)) if len(times) else np.array([], dtype=int)
        moments = times[chosen].tolist()
        curves = {
            name: Curve(moments, losses[chosen, i].tolist(), paces[chosen, i].tolist()) for i, name in enumerate(self.names)
        }
        return Past(curves)

    def do(self, command: str, arguments: Mapping[str, Any], workers: Sequence[str] | None) -> list[Done]:
        """pause, resume, checkpoint, parameters, inject and drain; InputError for others."""
        if command not in COMMANDS:
            raise InputError(f"a simulated mesh does not know {command!r}; it knows {', '.join(COMMANDS)}")
        names = self.names if workers is None else list(workers)
        for name in names:
            if name not in self._place:
                raise InputError(f"there is no worker {name!r}")
        return [self._done(COMMANDS[command], name, arguments) for name in names]

    def close(self) -> None:
        """Nothing to let go of."""

    # --- time ---

    def _run_before(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        steps = math.ceil(self._plan.before / 2.0)
        times, losses, paces = [], [], []
        for k in range(steps):
            self._mesh.step(2.0)
            times.append(self._began - self._plan.before + 2.0 * (k + 1))
            losses.append(self._mesh.loss.copy())
            paces.append(self._mesh.speed)
        self._began -= self._plan.before
        self._mesh.silent[:] = 0.0
        shape = (len(times), len(self.names))
        return np.array(times), np.array(losses).reshape(shape), np.array(paces).reshape(shape)

    def _advance(self, now: float) -> None:
        left = min(max(0.0, now - self._now), LONGEST_STEP * MOST_STEPS)
        self._now = max(self._now, now)
        while left > 0.0:
            step = min(left, LONGEST_STEP)
            silent, best = self._mesh.silent > 0, len(self._mesh.finder)
            self._mesh.step(step)
            left -= step
            self._tell(silent, best)

    def _tell(self, silent: np.ndarray, best: int) -> None:
        mesh, random = self._mesh, self._mesh.random
        for i in np.flatnonzero((mesh.silent > 0) & ~silent).tolist():
            told = self.names[mesh.links[i][0]] if mesh.links[i] else self.names[i]
            self._log(told, "WARNING", f"{self.names[i]} does not answer pings; asking others")
        for level in range(best, len(mesh.finder)):
            if level in mesh.finder:
                found = row(level)
                self._log(self.names[mesh.finder[level]], "INFO", f"best loss {found.loss:.4g}, size {found.size}: {found.formula}")
        for i in np.flatnonzero(mesh.fails & (random.random(mesh.count) < 0.02)).tolist():
            self._log(self.names[i], "ERROR", "checkpoint: No space left on device")
        if random.random() < 0.3:
            i = int(random.integers(mesh.count))
            self._log(self.names[i], "INFO", f"checkpoint written at tick {int(mesh.checkpoint_tick[i])}, 1.84M")

    def _log(self, worker: str, level: str, text: str) -> None:
        self._lines.append(Said(self._now, worker, level, text))

    # --- what is seen ---

    def _seen(self) -> dict[str, Seen]:
        mesh, now, uptime = self._mesh, self._now, self._now - self._began
        loss, variant = mesh.loss, int(now / 3.0)
        sent = mesh.sent.tolist()
        columns = zip(
            self.names, mesh.state.tolist(), mesh.silent.tolist(), loss.tolist(), mesh.level.tolist(), mesh.speed.tolist(),
            mesh.ticks.astype(int).tolist(), mesh.evaluations.astype(int).tolist(), mesh.births.astype(int).tolist(),
            mesh.duplicates.astype(int).tolist(), mesh.deaths.astype(int).tolist(), mesh.memory.astype(int).tolist(),
            mesh.cpu.tolist(), mesh.cpu_seconds.tolist(), mesh.checkpoint_age.tolist(),
            mesh.checkpoint_tick.astype(int).tolist(), mesh.fails.tolist(), mesh.received.tolist(), mesh.just_sent.tolist(),
            strict=True,
        )  # fmt: skip
        found = {}
        for i, (
            name, state, silent, best, level, pace, ticks, evaluations, births, duplicates, deaths, memory, cpu, cpu_seconds,
            checkpoint_age, checkpoint_tick, fails, received, just_sent,
        ) in enumerate(columns):  # fmt: skip
            names = self._links[i]
            age, size, energy = self._pictures(i + variant, level)
            share = received // max(1, len(names))
            figures = Figures(
                name=name, admin=f"10.0.0.{i % 250 + 1}:{7300 + i % 64}", version="simulated", state=STATES[state], written=now,
                uptime=uptime, tick=ticks, era=ticks // 20_000, evaluations=evaluations, evaluations_per_second=pace,
                living=CAPACITY - 7 * (i % 9), capacity=CAPACITY, loss="mse", best_loss=best, best_r2=1.0 - best,
                best_size=row(level).size if level >= 0 else 0, median_loss=min(1.0, best * 40.0 + 0.05),
                mean_size=9.0 + 1.5 * level, mean_age=38.0 + i % 11, mean_energy=1.02 + 0.01 * (i % 13),
                diversity=0.21 + 0.002 * (i % 40), births=births, duplicates=duplicates, stillborn=births // 400,
                immigrants=received * 6 // 10, deaths=dict(zip(DEATHS, deaths, strict=True)),
                invalid={reason: int(births * part) for reason, part in INVALID},
                exchange={"sent": sum(sent[i]) // 20, "sent_organisms": sum(sent[i]), "received": received // 20,
                          "accepted": received * 6 // 10, "duplicate": received * 4 // 10},
                age=age, size=size, energy=energy, memory_bytes=memory * 2 // 3, sandbox_memory_bytes=memory - memory * 2 // 3,
                memory_limit_bytes=LIMIT, cpu_seconds=cpu_seconds, neighbours=tuple(
                    (other, count, share) for other, count in zip(names, sent[i], strict=False)
                ),
                checkpoint_age=checkpoint_age if checkpoint_tick else math.nan, checkpoint_tick=checkpoint_tick,
                checkpoint_bytes=1_840_000 if checkpoint_tick else 0, checkpoint_error="No space left on device" if fails else "",
                data_url="examples/pendulum.csv", data_version=1, data_rows=1200, target=TARGET,
            )  # fmt: skip
            found[name] = Seen(
                figures, now - silent, cpu, dict(zip(names, just_sent, strict=False)), SILENT if silent > 0.0 else ""
            )
        return found

    def _pictures(self, variant: int, level: int) -> tuple[Histogram, Histogram, Histogram]:
        stage = min(2, max(0, level) * 3 // len(LADDER))
        age, size, energy = (self._histograms[name][stage] for name in ("age", "size", "energy"))
        return age[variant % VARIANTS], size[(variant * 5) % VARIANTS], energy[(variant * 7) % VARIANTS]

    def _gathered(self) -> tuple[Found, ...]:
        """The front of all that was found or injected; the same object while nothing changes."""
        held = [Found(row(level), self.names[i]) for level, i in self._mesh.finder.items()]
        held += [Found(one, self.names[i]) for one, i in self._injected.items()]
        held.sort(key=lambda one: (one.row.size, one.row.loss))
        front: list[Found] = []
        for one in held:
            if not front or (one.row.loss < front[-1].row.loss and one.row.size > front[-1].row.size):
                front.append(one)
        if front:  # the shortest that comes near the best
            near = max(front[-1].row.loss * 2.0, 1e-12)
            k = next(k for k, one in enumerate(front) if one.row.loss <= near)
            front[k] = Found(replace(front[k].row, chosen=True), front[k].worker)
        if tuple(front) != self._front:
            self._front = tuple(front)
        return self._front

    # --- commands ---

    def _done(self, command: Callable[[Simulated, int, Mapping[str, Any]], Any], name: str, arguments: Mapping[str, Any]) -> Done:
        i = self._place[name]
        if self._mesh.silent[i] > 0.0:
            return Done(name, False, error=SILENT)
        try:
            return Done(name, True, command(self, i, arguments))
        except VgpError as error:
            return Done(name, False, error=str(error))

    def _pause(self, i: int, arguments: Mapping[str, Any]) -> Any:
        self._mesh.state[i] = PAUSED
        self._log(self.names[i], "INFO", "paused")
        return {"paused": True}

    def _resume(self, i: int, arguments: Mapping[str, Any]) -> Any:
        if self._mesh.state[i] == DRAINING:
            raise InputError("the worker is draining; it cannot be resumed")
        self._mesh.state[i] = RUNNING
        self._log(self.names[i], "INFO", "resumed")
        return {"paused": False}

    def _checkpoint(self, i: int, arguments: Mapping[str, Any]) -> Any:
        if self._mesh.fails[i]:
            raise VgpError("checkpoint: No space left on device")
        self._mesh.checkpoint_age[i], self._mesh.checkpoint_tick[i] = 0.0, self._mesh.ticks[i]
        return {"path": f"checkpoints/{self.names[i].replace('/', '-')}.vgp", "bytes": 1_840_000, "tick": int(self._mesh.ticks[i])}

    def _drain(self, i: int, arguments: Mapping[str, Any]) -> Any:
        self._mesh.state[i] = DRAINING
        self._log(self.names[i], "INFO", "draining: sent the front to neighbours")
        return {"sent": 20 * len(self._mesh.links[i]), **self._checkpoint(i, arguments)}

    def _parameters(self, i: int, arguments: Mapping[str, Any]) -> Any:
        wanted = arguments.get("set")
        own = self._settings[i]
        if not wanted:
            return {name: {**vars_of(name), **own.get(name, {})} for name in SECTIONS if name != "launcher"}
        words = dict(read_change(f"{name}={value}") if isinstance(value, str) else (name, value) for name, value in wanted.items())
        changes = check_changes(words)
        for section, values in changes.items():
            own.setdefault(section, {}).update(values)
        self._log(self.names[i], "INFO", f"settings changed: {', '.join(f'{name} = {value}' for name, value in wanted.items())}")
        return changes

    def _inject(self, i: int, arguments: Mapping[str, Any]) -> Any:
        """Takes formulas; each is as good as it must be to be the front's of its size."""
        formulas = arguments.get("formulas")
        if not formulas:
            raise InputError("give a formula")
        accepted = 0
        for formula in formulas:
            new = typeset(formula, 1.0)
            known = {one.row.formula for one in self._gathered()}
            if new.formula not in known:
                self._injected[replace(new, loss=self._fitting(new.size), r2=1.0 - self._fitting(new.size))] = i
                accepted += 1
        return {"accepted": accepted, "duplicate": len(formulas) - accepted, "no_room": 0, "rejected": {}}

    def _fitting(self, size: int) -> float:
        losses = {one.row.size: one.row.loss for one in self._gathered()}
        above = [loss for other, loss in losses.items() if other <= size]
        below = [loss for other, loss in losses.items() if other > size]
        worst, best = min(above, default=float(LOSSES[0])), max(below, default=0.0)
        return math.sqrt(worst * best) if best else worst * 0.5


def vars_of(section: str) -> dict[str, Any]:
    """A section's defaults."""
    made = SECTIONS[section]()
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


COMMANDS: dict[str, Callable[[Simulated, int, Mapping[str, Any]], Any]] = {
    "pause": Simulated._pause,
    "resume": Simulated._resume,
    "checkpoint": Simulated._checkpoint,
    "parameters": Simulated._parameters,
    "inject": Simulated._inject,
    "drain": Simulated._drain,
}
