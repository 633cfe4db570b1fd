"""From a worker's options to a node that is ready to run: its parts, in the order in which they depend on each other.

The table and the island with its sandbox come first, the sockets after them: a process that holds sockets should not fork.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import time
from collections.abc import Iterator
from functools import partial
from random import Random

from vgp.island import Island
from vgp.parameters import Parameters, live_fields
from vmesh import memory
from vmesh.access import Access
from vmesh.admin.server import Server
from vmesh.checkpoints import Beginning, Copier, Copies, Files, begin, hold
from vmesh.data import Announcements, Prepared, prefixes, prepare, recall, with_units
from vmesh.desk import Desk
from vmesh.evolution import Evolution
from vmesh.exchange import ENVELOPE, Exchange
from vmesh.history.recorder import Recorder
from vmesh.keeping import Keeping
from vmesh.membership import Membership
from vmesh.messages import DataAnnouncement, Member
from vmesh.moving import Moving
from vmesh.node import Node
from vmesh.options import WorkerOptions
from vmesh.population import IslandPopulation
from vmesh.reach import refuse_dead_ends
from vmesh.security.key_folder import WorkerKeys, worker_keys
from vmesh.settings import Network
from vmesh.sockets import AdminEndpoint, Sockets, refuse_open_door
from vmesh.zmq_transport import ZmqTransport

log = logging.getLogger(__name__)


@contextlib.contextmanager
def assembled(options: WorkerOptions) -> Iterator[Node]:
    """A worker's node, with everything that it holds released afterwards.

    Raises InputError for what stays wrong until the user changes it; MeshError and others for what may be better later.
    """
    network = options.settings.network
    keys = keys_of(network)
    refuse_dead_ends(network, options.seeds)
    files = Files(options.checkpoint_dir, options.hostname, options.index)
    with contextlib.ExitStack() as held:
        held.enter_context(hold(files))
        fetch = fetcher(options)
        prepared, announcement = first_table(options, files, fetch)
        prepared = with_units(prepared, options.settings.worker.units)
        copies = Copies(options.settings.worker.checkpoint_copy, files) if options.settings.worker.checkpoint_copy else None
        beginning = begin(files, prepared.dataset, copies, keep=options.settings.worker.checkpoint_keep, clock=time.time())
        random = Random(seed_of(options))
        population = IslandPopulation(populated(options, prepared, beginning, random))
        held.callback(population.close)
        sockets = held.enter_context(contextlib.closing(Sockets(network, keys)))
        evolution = Evolution(population, options.settings.exchange, sockets.wake, options.settings.worker.nice)
        keeping = Keeping(files, Copier(copies, beginning.incarnation) if copies else None)
        # beside the table that was named: a restart on one that was announced must not change which ones are allowed
        announcements = Announcements(announcement, prefixes(options.settings.worker.data_from, options.data), random)
        moving = Moving(announcements, prepared, fetch, evolution, files.announcement, sockets.wake)
        yield connected(options, sockets, evolution, keeping, moving, beginning, random)


def fetcher(options: WorkerOptions) -> partial[Prepared]:
    """prepare(url, checksum=...) with this worker's columns, precision and cache."""
    return partial(
        prepare,
        target=options.target,
        columns=options.columns,
        drop=options.drop,
        weights=options.weights,
        precision=options.settings.vgp.get("precision", Parameters.precision),
        cache=options.settings.worker.cache or None,
        notify=log.info,
    )


def first_table(options: WorkerOptions, files: Files, fetch: partial[Prepared]) -> tuple[Prepared, DataAnnouncement]:
    """The table to begin with: the one announced last before a restart if it is to be had, else the one that was named."""
    announced = recall(files.announcement)
    if announced is not None:
        try:
            prepared = fetch(announced.url, checksum=announced.checksum)
            log.info("going on with version %d of the table, %s, not with %s", announced.version, announced.url, options.data)
            return prepared, announced
        except Exception as error:
            log.warning("version %d of the table is not to be had, beginning with the first one: %s", announced.version, error)
    prepared = fetch(options.data, checksum=options.data_checksum)
    for notice in () if options.data_checksum else prepared.notices:  # a launcher that knows the table has told them
        log.info("%s", notice)
    return prepared, DataAnnouncement(0, prepared.url, prepared.checksum, prepared.dataset.target)


def seed_of(options: WorkerOptions) -> int:
    """Of this worker's random numbers: drawn, or the one that was set, made different for each worker."""
    given = options.settings.worker.seed
    return Random(f"{given} {options.name}").getrandbits(63) if given else secrets.randbits(63)


def populated(options: WorkerOptions, prepared: Prepared, beginning: Beginning, random: Random) -> Island:
    """The island of the newest checkpoint, or a new one with its first generation."""
    for note in beginning.notes:
        log.warning("%s", note)
    size = os.path.getsize(prepared.data_file)
    changes = memory.for_engine(options.settings.vgp, options.settings.worker.memory, size)
    if beginning.checkpoint is not None:
        return resumed(prepared, beginning, changes)
    island = Island(prepared.dataset, Parameters(**changes), seed=random.getrandbits(63), data_file=prepared.data_file)
    try:
        island.create()
    except BaseException:
        island.close()
        raise
    log.info("created %d organisms on %s, %d rows", len(island.living()), prepared.url, prepared.dataset.n_rows)
    return island


def resumed(prepared: Prepared, beginning: Beginning, changes: dict[str, object]) -> Island:
    """The island of a checkpoint, with today's settings where they may change."""
    assert beginning.checkpoint is not None
    island = Island.resume(beginning.checkpoint, prepared.dataset, data_file=prepared.data_file, moved=beginning.moved)
    try:
        current = island.parameters.as_dict()
        wanted = {name: value for name, value in changes.items() if name in live_fields() and current[name] != value}
        if wanted:
            island.update(**wanted)
        if not len(island.living()):
            island.create()
    except BaseException:
        island.close()
        raise
    log.info("resumed %s at tick %d, best loss %.6g", beginning.checkpoint, island.tick, island.latest()["best_loss"])
    return island


def keys_of(network: Network) -> WorkerKeys | None:
    """The keys that are named, before time is spent. Raises KeyFileError; SettingsError where there must be some."""
    keys = worker_keys(*network.key_folders) if network.key_folders else None
    refuse_open_door(network.bind, keys)
    return keys


def connected(
    options: WorkerOptions,
    sockets: Sockets,
    evolution: Evolution,
    keeping: Keeping,
    moving: Moving,
    beginning: Beginning,
    random: Random,
) -> Node:
    """The node at its sockets."""
    network = options.settings.network
    transport = ZmqTransport(sockets, network.bind, options.port, advertise=network.advertise)
    endpoint = AdminEndpoint(sockets, network.bind, options.admin_port, advertise=network.advertise)
    me = Member(options.name, transport.address, beginning.incarnation, random.getrandbits(63), endpoint.address)
    node = Node(
        options.settings,
        sockets,
        transport,
        Membership(me, options.settings.membership, Random(random.random())),
        Exchange(me.name, options.settings.exchange, evolution.population, Random(random.random()), network.max_message - ENVELOPE),
        evolution,
        keeping,
        moving,
    )
    access = Access(sockets.keys.folder, sockets.allow_list) if sockets.keys and sockets.allow_list else None
    desk = Desk(node, access)
    node.attend(Server(endpoint, desk, sockets.wake), endpoint, access)
    node.recorder = Recorder(keeping.files.history, desk.figures, lambda: node.settings.worker.history_interval)
    return node
