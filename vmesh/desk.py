"""What an administrator sees of a node, and what he may ask of it: `vmesh.admin.facade.NodeFacade` for a running worker."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np

from vgp import genome
from vgp.choice import choose
from vgp.errors import InputError, SandboxError
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.island import ImportReport, Island
from vgp.knobs import check_names
from vgp.layout import batch
from vgp.parameters import Parameters, live_fields
from vgp.provenance import version
from vmesh.access import Access
from vmesh.figures.gather import Gatherer
from vmesh.figures.pace import Pace
from vmesh.figures.process import resident
from vmesh.figures.record import Figures
from vmesh.history.reader import History
from vmesh.messages import Member
from vmesh.node import Node
from vmesh.outputs import Send
from vmesh.settings import Settings

Plain = dict[str, Any]
SECTIONS = tuple(section.name for section in dataclasses.fields(Settings) if section.name != "vgp")


class Desk:
    """The facade over one node. See NodeFacade for what each method gives."""

    def __init__(self, node: Node, access: Access | None = None) -> None:
        self.node = node
        self.access = access
        self.draining = False
        self._began = node.clock()
        self._before = self._island.evaluations  # of the lives before, when it goes on from a checkpoint
        self._pace = Pace()
        self._gatherer = Gatherer(node, self._before)

    @property
    def name(self) -> str:
        return self.node.membership.me.name

    @property
    def _island(self) -> Island:
        return self.node.evolution.island

    # --- what may be asked at any time ---

    def status(self) -> Plain:
        node, island = self.node, self._island
        front, evaluations = island.front(), island.evaluations
        best = front.best if len(front) else None
        return {
            **self._identity(),
            "version": version(),
            "log_level": node.settings.worker.log_level,
            "uptime": node.clock() - self._began,
            "memory_bytes": resident("self"),
            "sandbox": self._sandbox(),
            "paused": node.evolution.paused,
            "draining": self.draining,
            "tick": island.tick,
            "living": int(island.latest()["living"]) if island.tick else 0,
            "evaluations": evaluations,
            "evaluations_before": self._before,
            "evaluations_per_second": self._pace.at(node.clock(), evaluations),
            "loss": island.parameters.loss,
            "best_loss": best.loss if best else None,
            "best_r2": best.r2 if best else None,
            "best_formula": front[choose(front, island.dataset.n_rows, island.parameters.loss)].formula if best else None,
            "active": len(node.membership.active),
            "passive": len(node.membership.passive),
            "checkpoint": node.keeping.status(),
            "data": node.moving.status(),
            "exchange": {**node.exchange.status(), "refused_messages": dict(node.refused)},
        }

    def _sandbox(self) -> Plain | None:
        try:
            report = self._island.sandbox.report()
        except SandboxError:  # the island has just made room for the one on a new table
            return None
        told = {name: report[name] for name in ("pid", "respawns", "levels", "landlock_abi")}
        return {**told, "memory_bytes": resident(str(report["pid"]))}

    def _identity(self) -> Plain:
        me = self.node.membership.me
        return {"name": me.name, "address": me.address, "admin": me.admin, "incarnation": me.incarnation}

    def history(self, points: int, since: float) -> Plain:
        try:
            history = History(self.node.keeping.files.history)
        except InputError as error:
            raise InputError(f"{error}; worker.history_interval is {self.node.settings.worker.history_interval:g} s") from None
        with contextlib.closing(history):
            return history.curves(points, since)

    def figures(self, front: str, line: int = 0) -> Figures:
        return self._gatherer.told_to(front, line, self.draining)

    def peers(self) -> Plain:
        membership = self.node.membership
        successor, suspects = membership.successor, membership.suspects
        return {
            "self": _plain(membership.me, "alive"),
            "active": [_plain(member, "suspect" if member in suspects else "alive") for member in membership.active],
            "passive": [_plain(member, "known") for member in membership.passive],
            "successor": _plain(successor, "alive") if successor is not None else None,
        }

    def front(self) -> list[Plain]:
        return [_entry(entry) for entry in self._island.front()]

    def parameters(self) -> dict[str, Plain]:
        settings = {name: dataclasses.asdict(getattr(self.node.settings, name)) for name in SECTIONS}
        return {"vgp": self._island.parameters.as_dict(), **settings}

    def export(self, which: str | Sequence[int]) -> bytes:
        return self._island.export(which)

    def keys(self) -> list[Plain]:
        return self.access.keys() if self.access is not None else []

    # --- what changes the worker ---

    def set_parameters(self, changes: Mapping[str, Plain]) -> Future[dict[str, Plain]]:
        settings = self._changed({name: values for name, values in changes.items() if name != "vgp"})
        engine = dict(changes.get("vgp", {}))
        check_engine(self._island.parameters, engine)
        self.node.configure(settings)

        def taken(_: Any) -> dict[str, Plain]:
            now = self.parameters()
            return {section: {name: now[section][name] for name in values} for section, values in changes.items()}

        return _then(self.node.evolution.submit(lambda island: island.update(**engine)), taken)

    def _changed(self, changes: Mapping[str, Plain]) -> Settings:
        """The settings with the changes, checked; InputError for what is unknown or fixed."""
        settings = self.node.settings
        for section, values in changes.items():
            if section not in SECTIONS:
                raise InputError(f"there is no section named {section}; choose from vgp, {', '.join(SECTIONS)}")
            current = getattr(settings, section)
            check_names(type(current), values, f"setting {section}")
            for one in dataclasses.fields(current):
                if one.name in values and not one.metadata["live"]:
                    raise InputError(f"setting {section}.{one.name} is fixed when a worker starts; restart it to change it")
            settings = dataclasses.replace(settings, **{section: dataclasses.replace(current, **values)})
        return settings

    def pause(self) -> None:
        self.node.evolution.pause()

    def resume(self) -> None:
        if self.draining:
            raise InputError("this worker is drained; restart it to evolve again")
        self.node.evolution.resume()

    def advance(self, ticks: int) -> Future[Plain]:
        return _then(self.node.evolution.advance(ticks), lambda tick: {"tick": tick, "evaluations": self._island.evaluations})

    def checkpoint(self) -> Future[Plain]:
        keeping = self.node.keeping

        def written(_: Any) -> Plain:
            if keeping.written is None:
                raise InputError("there is nothing to keep yet: the population has not lived a tick")
            return {
                "path": str(keeping.files.checkpoint),
                "bytes": os.path.getsize(keeping.files.checkpoint),
                "tick": self._island.tick,
            }

        return _then(keeping.write(self.node.evolution), written)

    def inject(self, organisms: bytes | Sequence[str]) -> Future[ImportReport]:
        if isinstance(organisms, bytes):
            record = organisms
        else:
            record = genome.encode_bundle(*batch([parse(formula, self._island.dataset.names) for formula in organisms]))
        genome.decode_bundle(record, open=True)  # what is no record is refused before it waits for its turn
        exchange = self.node.settings.exchange
        return self.node.evolution.submit(
            lambda island: island.import_(record, replace=exchange.replacement, protection=exchange.protection)
        )

    def migrate(self, names: Sequence[str] | None) -> Plain:
        node = self.node
        here = {member.name for member in (*node.membership.active, *node.membership.passive)}
        strangers = [name for name in names or () if name not in here]
        if strangers:
            raise InputError(f"it knows no worker {strangers[0]}; peers lists those it knows")
        before = node.exchange.counters.sent_organisms
        outputs = node.exchange.emigrate_now(names, node.clock(), node.membership)
        node.perform(outputs)
        known = {member.address: member.name for member in (*node.membership.active, *node.membership.passive)}
        to = [known.get(output.address, output.address) for output in outputs if isinstance(output, Send)]
        return {"sent": node.exchange.counters.sent_organisms - before, "to": list(dict.fromkeys(to))}

    def announce_data(self, url: str, checksum: str | None) -> Future[Plain]:
        return self.node.moving.announce(url, checksum)

    def log_level(self, level: str) -> None:
        settings = self._changed({"worker": {"log_level": level}})
        self.node.configure(settings)

    def drain(self) -> Future[Plain]:
        self.draining = True
        self.node.evolution.pause()
        sent = self.migrate(None)["sent"]
        path = str(self.node.keeping.files.checkpoint)
        return _then(self.node.keeping.write(self.node.evolution), lambda _: {"sent": sent, "path": path})

    def shutdown(self) -> None:
        self.node.stop("an administrator asked for it")

    def revoke(self, public: str) -> None:
        if self.access is None:
            raise InputError("this mesh has no keys; there is nothing to revoke")
        self.access.revoke(public)


def check_engine(parameters: Parameters, changes: Plain) -> None:
    """Raises InputError for engine parameters that are unknown, fixed or out of bounds, before anything is changed."""
    updated = parameters.replace(**changes)
    for name in sorted(changes.keys() - live_fields()):
        if getattr(updated, name) != getattr(parameters, name):
            raise InputError(f"parameter {name} is fixed at creation; start a new mesh to change it")


def _entry(entry: FrontEntry) -> Plain:
    record = genome.encode_bundle(entry.nodes, np.array([0, len(entry.nodes)], np.uint32))
    return {
        "size": entry.size,
        "loss": entry.loss,
        "r2": entry.r2,
        "formula": entry.formula,
        "slope": entry.slope,
        "intercept": entry.intercept,
        "id": f"{entry.id:016x}",
        "record": base64.b64encode(record).decode(),
    }


def _plain(member: Member, state: str) -> Plain:
    return {
        "name": member.name,
        "address": member.address,
        "admin": member.admin,
        "incarnation": member.incarnation,
        "state": state,
    }


def _then(future: Future[Any], convert: Any) -> Future[Any]:
    """A future of convert(result)."""
    converted: Future[Any] = Future()

    def settle(done: Future[Any]) -> None:
        try:
            converted.set_result(convert(done.result()))
        except BaseException as error:
            converted.set_exception(error)

    future.add_done_callback(settle)
    return converted
