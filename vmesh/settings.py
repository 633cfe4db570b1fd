"""Every setting of a worker and its launcher: meaning, unit, default and check, here and nowhere else.

Sections are frozen dataclasses; `vmesh/sources.py` fills them from a TOML file, the environment and the command line. Intervals are
those of a local network; `PRESETS` holds what differs on one machine and over long distances.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vgp.knobs import check_all, choice, knob

TOPOLOGIES = ("random", "ring", "fully-connected", "free-form")
SELECTIONS = ("best", "random", "diverse")
REPLACEMENTS = ("predators", "worst", "random", "alike")
LEVELS = ("debug", "info", "warning", "error")
KIBIBYTE, MEBIBYTE, GIBIBYTE = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class Membership:
    """Who knows whom: views of HyParView (Leitao 2007), shuffles of Cyclon (Voulgaris 2005), failures found by SWIM (Das 2002)."""

    active_size: int = knob(5, "neighbours that are kept connected and watched", "members", low=1, high=64)
    passive_size: int = knob(30, "other members kept in mind, to replace neighbours", "members", low=2, high=1000)
    shuffle_interval: float = knob(5.0, "between two exchanges of parts of the views", "s", low=0.01, high=3600.0)
    shuffle_size: int = knob(8, "members in one such exchange", "members", low=1, high=64)
    walk_length: int = knob(5, "steps that the news of a newcomer travels", "steps", low=1, high=32)
    ping_interval: float = knob(1.0, "between two pings of a neighbour", "s", low=0.01, high=3600.0)
    ping_timeout: float = knob(0.5, "until an answer is missed and others are asked to ping", "s", low=0.005, high=600.0)
    indirect_pings: int = knob(3, "members asked to ping one that does not answer", "members", low=0, high=16)
    suspicion_time: float = knob(4.0, "that a suspect has to object before it is declared dead", "s", low=0.01, high=3600.0)
    join_interval: float = knob(1.0, "between two attempts to join, while a worker has no neighbour", "s", low=0.05, high=600.0)

    def __post_init__(self) -> None:
        check_all(self, "setting")


@dataclass(frozen=True)
class Exchange:
    """What migrates: three policies with the field's names, and the flow control that bounds them."""

    topology: str = choice("random", TOPOLOGIES, "where emigrants go")
    edges: str = knob("", 'free-form only: "0>1 1>2 2>0", indices or names of workers, * for any')
    selection: str = choice("best", SELECTIONS, "which organisms emigrate: the front, any, or those that behave most differently")
    replacement: str = choice("predators", REPLACEMENTS, "whom an immigrant replaces in a full population")
    interval: float = knob(1.0, "between two emigrations; 0 turns exchange off", "s", low=0.0, high=86_400.0)
    emigrants: int = knob(20, "organisms chosen for one emigration", "organisms", low=1, high=10_000)
    destinations: int = knob(2, "peers that get one emigration, with topology random", "peers", low=1, high=64)
    window: int = knob(4, "emigrations that a peer may send before they have been taken in", "messages", low=1, high=1000)
    protection: int = knob(10, "that predators leave an immigrant alone", "ticks", low=0, high=10_000)
    references: str = choice("travel", ("travel", "ask"), "organisms that emigrants refer to travel along, or are asked for")
    waiting: int = knob(64, "immigrations kept while what they refer to is asked for", "messages", low=1, high=10_000)
    patience: float = knob(
        5.0, "until an organism that was asked for is asked of someone else, or given up", "s", low=0.01, high=600.0
    )

    def __post_init__(self) -> None:
        check_all(self, "setting")


@dataclass(frozen=True)
class Network:
    """Sockets and their limits."""

    bind: str = knob("127.0.0.1", "address to listen at; anything but loopback needs keys", live=False)
    advertise: str = knob("", "address that others reach this machine at; empty: the one of bind", live=False)
    port: int = knob(
        7100, "first port of this machine; worker I takes PORT + 2 I and the one after it", low=0, high=65_000, live=False
    )
    keys: str = knob("", "folder of the keys (vmesh keys new); empty: loopback only", live=False)
    credentials: str = knob("", "folder of the secret keys, for example systemd's credentials; empty: that of keys", live=False)
    max_message: int = knob(4 * MEBIBYTE, "largest message", "bytes", low=4 * KIBIBYTE, high=GIBIBYTE, live=False)
    handshake_time: float = knob(2.0, "that a connection may take to prove its key", "s", low=0.05, high=60.0, live=False)
    max_connections: int = knob(1024, "connections at a time to one worker", low=8, high=65_536, live=False)
    queue: int = knob(64, "messages queued for one peer before more are dropped", "messages", low=1, high=100_000, live=False)

    def __post_init__(self) -> None:
        check_all(self, "setting")

    @property
    def key_folders(self) -> tuple[Path, Path | None] | None:
        """The folder of the keys and that of the secret ones, if that is another; None: no keys."""
        return (Path(self.keys), Path(self.credentials) if self.credentials else None) if self.keys else None


@dataclass(frozen=True)
class Worker:
    """One worker process."""

    memory: int = knob(0, "limit on a worker with its sandbox; 0: its share of the machine", "bytes", low=0, live=False)
    checkpoint_interval: float = knob(60.0, "between two checkpoints", "s", low=0.1, high=86_400.0)
    checkpoint_keep: int = knob(2, "older checkpoints kept beside the newest", low=0, high=100)
    history_interval: float = knob(5.0, "between two rows of the history of statistics; 0: none", "s", low=0.0, high=86_400.0)
    checkpoint_copy: str = knob("", "s3://bucket/prefix where checkpoints are copied to; empty: nowhere", live=False)
    data_from: str = knob(
        "", "where announced tables may come from, prefixes separated by commas; empty: where --data is", live=False
    )
    cache: str = knob("", "folder of fetched tables; empty: $XDG_CACHE_HOME/vmesh", live=False)
    units: str = knob("", 'units of columns and target that formulas hold to: "m=kg,r=m,F=N"; empty: none', live=False)
    nice: int = knob(5, "niceness of evolution: answers and other programs go before it", low=0, high=19, live=False)
    log_level: str = choice("info", LEVELS, "least important message that is logged")
    seed: int = knob(0, "of the random numbers, differing by worker; 0: drawn", low=0, high=2**63, live=False)

    def __post_init__(self) -> None:
        check_all(self, "setting")


@dataclass(frozen=True)
class Launcher:
    """The process that starts the workers of a machine."""

    workers: int = knob(0, "worker processes; 0: one per core", low=0, high=4096, live=False)
    memory: int = knob(
        0, "limit on all workers together; 0: what the machine or its control group has to spare", "bytes", low=0, live=False
    )
    restarts: int = knob(5, "failures in a row after which a worker is given up", low=0, high=1000, live=False)
    restart_delay: float = knob(
        0.5, "before the first restart; doubled with every failure in a row", "s", low=0.01, high=60.0, live=False
    )
    restart_delay_most: float = knob(30.0, "longest delay before a restart", "s", low=0.01, high=3600.0, live=False)
    stable_time: float = knob(
        30.0, "after which a worker counts as started and its failures are forgotten", "s", low=0.1, live=False
    )
    stop_time: float = knob(
        4.0, "that workers have to checkpoint and leave before they are killed", "s", low=0.1, high=600.0, live=False
    )
    status_file: str = knob("", "file that tells once a second how all workers do, as JSON; empty: none", live=False)

    def __post_init__(self) -> None:
        check_all(self, "setting")


@dataclass(frozen=True)
class Page:
    """The web page of the mesh, served by the launcher on loopback (docs/watching.md)."""

    enabled: bool = knob(True, "serve the web page", live=False)
    port: int = knob(0, "port of the page on 127.0.0.1; 0: 7080, or the next free one", low=0, high=65_535, live=False)
    token_file: str = knob(
        "", "file with the token that every request must bear, made if it is missing; empty: a new token for each run", live=False
    )
    key: str = knob("", "name of the key that the page asks workers with; empty: the launcher's own", live=False)

    def __post_init__(self) -> None:
        check_all(self, "setting")


@dataclass(frozen=True)
class Settings:
    """All sections. `vgp` holds changes to the engine's parameters (vgp.Parameters), checked there."""

    membership: Membership = field(default_factory=Membership)
    exchange: Exchange = field(default_factory=Exchange)
    network: Network = field(default_factory=Network)
    worker: Worker = field(default_factory=Worker)
    launcher: Launcher = field(default_factory=Launcher)
    page: Page = field(default_factory=Page)
    vgp: dict[str, Any] = field(default_factory=dict)


#: What differs from the defaults, by section.
PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "local": {
        "membership": {
            "ping_interval": 0.5,
            "ping_timeout": 0.25,
            "suspicion_time": 1.5,
            "shuffle_interval": 1.0,
            "join_interval": 0.1,
        },
        "exchange": {"interval": 0.5},
    },
    "lan": {},
    "wan": {
        "membership": {
            "ping_interval": 3.0,
            "ping_timeout": 2.0,
            "suspicion_time": 15.0,
            "shuffle_interval": 15.0,
            "join_interval": 3.0,
        },
        "exchange": {"interval": 5.0, "patience": 20.0},
        "network": {"handshake_time": 10.0},
    },
}
