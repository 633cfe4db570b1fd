"""The main flow of `vmesh up`: fetch the table once, plan, look after workers until the end, keep and print what they found."""

import contextlib
import dataclasses
import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from vgp.cli.outputs import check_writable
from vgp.parameters import Parameters
from vmesh import log as logs
from vmesh import memory
from vmesh.addresses import is_loopback
from vmesh.cores import cores
from vmesh.data import prepare, with_units
from vmesh.errors import SettingsError
from vmesh.launcher.claims import Claims
from vmesh.launcher.conclusion import conclude
from vmesh.launcher.plan import Plan
from vmesh.launcher.ports import free_block
from vmesh.launcher.request import Request, Table
from vmesh.launcher.run import Run
from vmesh.launcher.scratch import scratch_folder
from vmesh.launcher.screen import screen_for
from vmesh.launcher.stop_signals import StopSignals
from vmesh.options import checked_name
from vmesh.reach import refuse_dead_ends
from vmesh.security.key_folder import worker_keys

log = logging.getLogger(__name__)


def up(request: Request) -> int:
    """Runs the mesh of this machine until it is asked to stop; returns the exit status. Raises InputError and its kin."""
    check(request)
    with StopSignals() as signals, screen_for(quiet=request.quiet) as screen, folder_of(request) as folder:
        level = "warning" if request.quiet else request.settings.worker.log_level
        logs.start(f"{request.hostname}/launcher", level, screen.line)
        table = signals.attempt(partial(request.fetch or fetch, request))
        if table is None:
            log.info("stopped before it began")
            return 0
        with Claims() as claims:
            plan = planned(request, table, folder, claims)
            log.info("%s", plan.described())
            with Run(plan, request, table, signals, screen) as run:
                run.until_the_end()
    return conclude(run, request)


def check(request: Request) -> None:
    """What can be wrong is found before time is spent."""
    checked_name(request.hostname, 0)
    check_writable("--save", request.save)
    network = request.settings.network
    if not is_loopback(network.bind) and not network.keys:
        raise SettingsError(
            f"network.bind {network.bind} can be reached from outside, which needs keys: make them with vmesh keys new DIR and "
            "give --set network.keys=DIR"
        )
    if network.key_folders:
        worker_keys(*network.key_folders)
    refuse_dead_ends(network, request.seeds)


@contextlib.contextmanager
def folder_of(request: Request) -> Iterator[Path]:
    """The folder of the checkpoints: the user's, or one that lasts as long as this run."""
    if request.checkpoint_dir is None:
        with scratch_folder() as path:
            yield path
        return
    path = Path(request.checkpoint_dir)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--checkpoint-dir {path}: cannot be made: {(error.strerror or str(error)).lower()}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingsError(f"--checkpoint-dir {path}: cannot be written to; choose another folder")
    yield path.resolve()


def fetch(request: Request) -> Table:
    """The table, once for all workers of this machine."""
    columns, settings = request.columns, request.settings
    table = prepare(
        request.data,
        columns.target,
        columns=columns.columns,
        drop=columns.drop,
        weights=columns.weights,
        precision=settings.vgp.get("precision", Parameters.precision),
        cache=settings.worker.cache or None,
        notify=log.info,
    )
    for notice in table.notices:
        log.info("%s", notice)
    return with_units(table, settings.worker.units)


def planned(request: Request, table: Table, folder: Path, claims: Claims) -> Plan:
    """Ports and shares of memory worked out. Raises SettingsError."""
    settings = request.settings
    network, launcher = settings.network, settings.launcher
    workers = launcher.workers or cores()
    checked_name(request.hostname, workers - 1)
    left = memory.spare()
    if launcher.memory > left.bytes:
        asked, there = memory.text(launcher.memory), memory.text(left.bytes)
        log.warning("%s of memory were asked for, %s has %s to spare; workers share that", asked, left.origin, there)
    dataset = table.dataset
    mapped = os.path.getsize(table.data_file) + 8 * dataset.n_rows * (dataset.n_variables + 1)
    share = memory.share(workers, left, most=launcher.memory, each=settings.worker.memory, table=mapped)
    movable = not request.seeds and is_loopback(network.bind)
    port = free_block(network.bind, network.port, workers, movable=movable, claims=claims)
    if port != network.port:
        log.info("port %d is taken; the next free ones begin at %d", network.port, port)
    return Plan(
        hostname=request.hostname,
        workers=workers,
        data=table.url,
        columns=request.columns,
        checkpoint_dir=folder,
        settings=dataclasses.replace(
            settings,
            network=dataclasses.replace(network, port=port),
            worker=dataclasses.replace(settings.worker, memory=share),
        ),
        data_checksum=table.checksum,
        seeds=request.seeds,
        program=request.program,
    )
