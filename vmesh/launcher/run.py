"""One run of the workers from start to stop, and who wants to know about it: screen, systemd, `vmesh console`."""

import contextlib
import time
from functools import partial

from vgp.front import rounding_loss
from vgp.parameters import Parameters
from vmesh import runtime
from vmesh.errors import MeshError
from vmesh.launcher.best_front import FIRST_TABLE, BestFront, stamps
from vmesh.launcher.observer import Administrator, Observation, Observer
from vmesh.launcher.overview import Overview
from vmesh.launcher.page_process import PageProcess
from vmesh.launcher.plan import Plan
from vmesh.launcher.relay import Relay
from vmesh.launcher.request import Request, Table
from vmesh.launcher.screen import Screen
from vmesh.launcher.status_file import StatusFile
from vmesh.launcher.stop_signals import StopSignals
from vmesh.launcher.supervisor import Supervisor, number
from vmesh.notify import Notifier

STATUS_SECONDS = 5.0  # between two lines of status for systemd
STARTING_SECONDS = 60.0  # that workers may take to come up before the time they were given counts


class Run:
    """The workers from start to stop, and who wants to know about them: observer, screen, systemd, `vmesh console`."""

    def __init__(self, plan: Plan, request: Request, table: Table, signals: StopSignals, screen: Screen) -> None:
        self.plan, self.table, self.signals, self._screen = plan, table, signals, screen
        self._seconds = request.seconds
        parameters = Parameters(**plan.settings.vgp)
        y = table.dataset.y
        rounding = rounding_loss(y, parameters.precision) if y is not None else 0.0
        self.best = BestFront(table.dataset.names, table.dataset.n_rows, rounding)
        self.best.go_on_from(plan.checkpoint_dir, table.dataset.fingerprint())
        self._left_before = stamps(plan.checkpoint_dir)
        relay = Relay(screen.line, quiet=request.quiet)
        self.supervisor = Supervisor(plan, signals, relay, self._changed)
        self._page = PageProcess(plan, relay) if request.told else None  # the mesh of a program has no page
        self._observer = Observer(request.ask or partial(Administrator, plan.settings.network.key_folders), signals.wake)
        self._told = request.told
        self._notifier = Notifier(None if request.told else {})
        self._status_file = StatusFile(plan.settings.launcher.status_file)
        self._begun = False  # a worker has come to take part
        self._was_settled = False
        self.began = time.monotonic()
        self.elapsed = 0.0
        self._due = {
            "screen": self.began + screen.interval,
            "systemd": self.began,
            "watchdog": self.began,
            "status file": self.began + self._status_file.interval,
        }

    def __enter__(self) -> "Run":
        self.supervisor.__enter__()
        self._observer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._observer.end()
        if self._page is not None:
            self._page.end()
        self.supervisor.__exit__(*error)
        if self._told:
            runtime.withdraw()
        self._notifier.close()

    def until_the_end(self) -> None:
        """Until a signal, the end of --seconds, or the end of the last worker; then all leave."""
        while not self.signals.received and not self.supervisor.over and (self.left is None or self.left > 0):
            self.supervisor.turn(self._patience())
            self._look()
        self.elapsed = time.monotonic() - self.began
        self._observer.end()
        self._notifier.stopping()
        self.supervisor.stop(self.plan.settings.launcher.stop_time, self._look)
        self._gather()

    def _gather(self) -> None:
        """What workers left behind: fronts, and how much they did in the end."""
        counts = self.best.leave_behind(self.plan.checkpoint_dir, self._left_before, self.table.dataset.fingerprint())
        for slot in self.supervisor.slots:
            slot.status["evaluations"] = max(counts.get(slot.index, 0), number(slot.status, "evaluations"))

    @property
    def left(self) -> float | None:
        """Seconds; None: until a signal. They count from when the first worker takes part, or should have."""
        if self._seconds is None:
            return None
        since = self.began if self._begun else self.began + STARTING_SECONDS
        return self._seconds - max(time.monotonic() - since, 0.0)

    @property
    def evaluations(self) -> int:
        """Of all workers, as far as they told."""
        return int(sum(number(slot.status, "evaluations") for slot in self.supervisor.slots))

    @property
    def own_evaluations(self) -> int:
        """Of this run alone: a checkpoint that workers went on from counts those before it as well."""
        return max(0, self.evaluations - int(sum(slot.before or 0.0 for slot in self.supervisor.slots)))

    def _patience(self) -> float:
        until = min(self._due.values()) - time.monotonic()
        return max(0.0, until if self.left is None else min(until, self.left))

    def _look(self) -> None:
        """What is due: answers of workers, screen, systemd."""
        for observation in self._observer.observations():
            self._take(observation)
        if self._page is not None and self._begun:
            self._page.look()
        for index in self._observer.silent():
            self._observer.forget(index)
            self.supervisor.end_hanging(index)
        if self.supervisor.settled and not self._was_settled and not self.supervisor.over:
            self._was_settled = True
            self._notifier.ready()
        if self._is_due("screen", self._screen.interval):
            self._screen.show(self._overview())
        if self._is_due("systemd", STATUS_SECONDS):
            self._notifier.status(self._overview().line)
        if self._is_due("status file", self._status_file.interval):
            self._status_file.write(self._overview(), self.supervisor.slots)
        if self._is_due("watchdog", self._notifier.watchdog_interval):
            self._notifier.alive()

    def _is_due(self, name: str, interval: float) -> bool:
        now = time.monotonic()
        if now < self._due[name]:
            return False
        self._due[name] = now + interval
        return True

    def _take(self, observation: Observation) -> None:
        slot = self.supervisor.slots[observation.index]
        slot.status = dict(observation.status)
        if slot.before is None:
            slot.before = number(slot.status, "evaluations_before")
        if observation.front:
            data = observation.status.get("data") or {}
            version = int(data.get("version") or 0)
            table = (version, str(data.get("checksum"))) if version else FIRST_TABLE
            self.best.report(observation.front, table, str(observation.status.get("loss") or ""))

    def _overview(self) -> Overview:
        best = self.best.chosen
        found = (self.best.front.best.loss, self.best.front.best.r2, best.formula) if best else (float("inf"), float("nan"), "")
        return self.supervisor.overview(time.monotonic() - self.began, self.left, found)

    def _changed(self) -> None:
        """Workers began or ceased to take part."""
        admins = [slot.admin for slot in self.supervisor.slots]
        if any(admins) and not self._begun:
            self._begun, self.began = True, time.monotonic()
        for index, admin in enumerate(admins):
            if admin:
                self._observer.observe(index, admin)
            else:
                self._observer.forget(index)
        if not self._told:
            return
        with contextlib.suppress(MeshError):  # then `vmesh console` wants an address
            runtime.write(tuple(filter(None, admins)), self.plan.settings.network.keys)
