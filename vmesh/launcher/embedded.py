"""A mesh inside a Python program, the backend "mesh" of vgp.backends: workers on loopback for some seconds, then nothing.

    Embedded().evolve(dataset, parameters, seconds=60, jobs=4) -> Harvest

The launcher is that of `vmesh up`, with a folder of its own for table, cache and checkpoints that goes with the run. In the main
thread Ctrl-C ends the run and keeps what was found; in other threads `look` does. Workers die with this process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vgp.backends.islands import Harvest, Look
from vgp.dataset import Dataset
from vgp.errors import BackendError, InputError
from vgp.parameters import Parameters
from vgp.polishing import polished_alone
from vgp.table_writing import write_parquet
from vmesh.launcher.claims import Claims
from vmesh.launcher.launcher import fetch, planned
from vmesh.launcher.overview import Overview
from vmesh.launcher.plan import WORKER_PROGRAM
from vmesh.launcher.request import Request
from vmesh.launcher.run import Run
from vmesh.launcher.scratch import scratch_folder
from vmesh.launcher.stop_signals import ASKED, StopSignals, Unwatched
from vmesh.options import Columns
from vmesh.settings import Settings
from vmesh.sources import settle

LOOK_SECONDS = 0.5
HOSTNAME = "mesh"

log = logging.getLogger(__name__)


class Embedded:
    """`program` is what tests put something else for."""

    def __init__(self, program: Sequence[str] = WORKER_PROGRAM) -> None:
        self._program = tuple(program)

    def evolve(
        self,
        dataset: Dataset,
        parameters: Parameters,
        *,
        seconds: float,
        jobs: int | None = None,
        seed: int = 0,
        look: Look | None = None,
    ) -> Harvest:
        """See `vgp.backends.Mesh`. The seconds count from when the first worker takes part, about a second after the call.

        Workers evolve on all rows (`minibatch_rows` is not used); `look` is called twice a second. Raises InputError, BackendError.
        """
        if not seconds > 0 or (jobs is not None and jobs < 1):
            raise InputError(f"{seconds} seconds on {jobs} workers: both must be above 0")
        parameters = parameters.replace(minibatch_rows=0)
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(scratch_folder())
            request = self._request(dataset, parameters, folder, seconds, jobs, seed)
            table = fetch(request)
            if dataset.units is not None:
                table = dataclasses.replace(table, dataset=held_to_the_same(dataset, table.dataset))  # type: ignore[type-var]
            signals = stack.enter_context(StopSignals() if in_main_thread() else Unwatched())
            plan = planned(request, table, folder, stack.enter_context(Claims()))
            onlooker = Onlooker(look, signals)
            with Run(plan, request, table, signals, onlooker) as run:
                onlooker.run = run
                run.until_the_end()
            stopped_by = signals.received
        return harvest(run, dataset, parameters, stopped_by)

    def _request(
        self, dataset: Dataset, parameters: Parameters, folder: Path, seconds: float, jobs: int | None, seed: int
    ) -> Request:
        columns = written(dataset, folder / "table.parquet")
        return Request(
            data=str(folder / "table.parquet"),
            columns=columns,
            settings=settings_for(parameters, folder, jobs, seed, units_text(dataset, columns.target)),
            hostname=HOSTNAME,
            seconds=seconds,
            quiet=True,
            told=False,
            program=self._program,
        )


class Onlooker:
    """In the place of the screen: shows the front to the program, and warnings to its log."""

    interval = LOOK_SECONDS

    def __init__(self, look: Look | None, signals: StopSignals) -> None:
        self.run: Run | None = None
        self._look, self._signals = look, signals

    def line(self, text: str) -> None:
        """A warning or error of a worker."""
        log.warning("%s", text)

    def show(self, overview: Overview) -> None:
        if self._look is None or self.run is None or overview.stopping or not len(self.run.best.front):
            return
        if self._look(self.run.best.front, overview.evaluations):
            self._signals.ask()

    def __enter__(self) -> Onlooker:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is shown any more."""


def written(dataset: Dataset, path: Path) -> Columns:
    """The table as a file that workers read, every number as it is; target and weights get names that no column has."""
    if dataset.y is None:
        raise InputError("the table has no target column; name the column to explain")
    target = free_name(dataset.target, dataset.names)
    columns: dict[str, Any] = dict(zip(dataset.names, dataset.X.T, strict=True)) | {target: dataset.y}
    weights = None
    if dataset.weights is not None:
        weights = free_name("weights", tuple(columns))
        columns[weights] = dataset.weights
    write_parquet(path, columns)
    return Columns(target, weights=weights)


def free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def settings_for(parameters: Parameters, folder: Path, jobs: int | None, seed: int, units: str) -> Settings:
    """Those of `vmesh up` on one machine; the environment has no part in them. Raises SettingsError."""
    of_engine = parameters.as_dict()
    default = Parameters().as_dict()
    changed = {f"vgp.{name}": value for name, value in of_engine.items() if value != default[name]}
    own: Mapping[str, Any] = {
        "launcher.workers": jobs,
        "worker.seed": seed % 2**63,
        "worker.cache": str(folder / "cache"),
        "worker.units": units,
    }
    options = {name: ("the mesh", value) for name, value in (changed | dict(own)).items()}
    return settle(preset="local", options=options, environment={}).settings


def units_text(dataset: Dataset, target: str) -> str:
    """As `--units` takes them; empty: none. Raises InputError for names that do not go into such a text."""
    units = dataset.units
    if units is None:
        return ""
    for name in (*units.names, target):
        if "," in name or "=" in name:
            raise InputError(f"units cannot be told to a mesh that has a column '{name}'; give it a name without commas and '='")
    told = [f"{name}={text}" for name, text in zip(units.names, units.texts, strict=True) if text]
    return ",".join(told + ([] if units.target is None else [f"{target}={units.target or '1'}"]))


def held_to_the_same(dataset: Dataset, told: Dataset) -> Dataset:
    """The workers' table, if the units that they were told mean the same. Raises InputError."""
    assert dataset.units is not None
    if told.units is None or not told.units.same_dimensions(dataset.units):
        raise InputError("these units cannot be told to a mesh; give at least one column or the target a unit as a text")
    return told


def in_main_thread() -> bool:
    """Where Python runs handlers of signals."""
    return threading.current_thread() is threading.main_thread()


def harvest(run: Run, dataset: Dataset, parameters: Parameters, stopped_by: int) -> Harvest:
    """What the run left. Raises BackendError where workers could not work, KeyboardInterrupt where there is nothing to keep."""
    if stopped_by not in (0, ASKED, signal.SIGINT):
        os.kill(os.getpid(), stopped_by)  # it was this program that was to end, and the mesh with it
    if not len(run.best.front):
        if stopped_by == signal.SIGINT:
            raise KeyboardInterrupt
        why = "; ".join(run.supervisor.complaints) or "its workers found no formula in that time; give it more"
        raise BackendError(f"the mesh ended without a formula: {why}")
    front = polished_alone(tuple(run.best.front), dataset, parameters)
    return Harvest(front, run.evaluations, run.elapsed, run.plan.workers, stopped_by == signal.SIGINT)
