"""What an administrator's commands see of a worker: this and nothing else.

All methods are called from the network thread and return at once; what takes longer is a Future that the evolution thread resolves.
Results are plain values fit for JSON; numbers that are not finite become null on the way out. A command that cannot be obeyed
raises a VgpError, or puts it into its Future: its first line is what the administrator reads. Nobody cancels a Future.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from vgp.island import ImportReport

Plain = dict[str, Any]


class NodeFacade(Protocol):
    """One worker."""

    @property
    def name(self) -> str:
        """ "hostname/index", which every answer bears."""

    # --- what may be asked at any time ---

    def status(self) -> Plain:
        """How the worker does.

        name, address, admin, incarnation, version (of the software), log_level, uptime [s], memory_bytes;
        paused, draining, tick, living, evaluations, evaluations_before (what it went on from), evaluations_per_second;
        loss (its kind), best_loss, best_r2, best_formula (the recommended one);
        active, passive (numbers of members known); checkpoint {path, age [s], error}; data {url, version, checksum, rows, columns};
        exchange {sent, received, accepted, duplicate, rejected {reason: n}, waiting, ...}.
        What is not known yet is None.
        """

    def figures(self, front: str, line: int) -> Any:
        """All numbers of now (`vmesh.figures.record.Figures`), for somebody who has that version of the front and the log up to
        that line."""

    def history(self, points: int, since: float) -> Plain:
        """Columns of what was: time [s since 1970], best_loss, pace, tick, evaluations, living; at most so many rows, from `since`
        on. InputError where no history is kept."""

    def peers(self) -> Plain:
        """The mesh as this worker knows it: {self, active: [...], passive: [...], successor or None}.

        Each is a member: {name, address, admin, incarnation, state}.
        """

    def front(self) -> list[Plain]:
        """The best organism of each size, sizes increasing: {size, loss, r2, formula, slope, intercept, id, record}; `record` is a
        portable record in base64."""

    def parameters(self) -> dict[str, Plain]:
        """All settings in force, by section: "vgp" for the engine's parameters, "exchange", "membership", "network", "worker"."""

    def export(self, which: str | Sequence[int]) -> bytes:
        """A portable record of "front", "best", "all", or of organisms by id."""

    def keys(self) -> list[Plain]:
        """The public keys that may connect: {domain ("mesh" or "admin"), name, public}. Empty where there are no keys."""

    # --- what changes the worker ---

    def set_parameters(self, changes: Mapping[str, Plain]) -> "Future[dict[str, Plain]]":
        """Takes changed settings, {section: {name: value}}: all or, with an InputError, none.
        Gives the changed ones with the values that they have now."""

    def pause(self) -> None:
        """No more ticks until `resume`. The worker stays in the mesh."""

    def resume(self) -> None:
        """Goes on after `pause`."""

    def advance(self, ticks: int) -> "Future[Plain]":
        """Runs so many ticks, paused or not; {tick, evaluations} after them."""

    def checkpoint(self) -> "Future[Plain]":
        """Writes a checkpoint now: {path, bytes, tick}."""

    def inject(self, organisms: bytes | Sequence[str]) -> "Future[ImportReport]":
        """Takes in the organisms of a portable record, or of formulas over the columns' names, as strangers."""

    def migrate(self, names: Sequence[str] | None) -> Plain:
        """Sends emigrants now, to these workers or as the topology says: {sent: organisms, to: [names]}."""

    def announce_data(self, url: str, checksum: str | None) -> "Future[Plain]":
        """Fetches and checks a table here, then makes it the mesh's next version: {version, url, checksum, rows}."""

    def log_level(self, level: str) -> None:
        """The least important message that is logged from now on."""

    def drain(self) -> "Future[Plain]":
        """Stops evolving, sends the front to the neighbours, writes a checkpoint: {sent, path}. Then `shutdown` loses nothing."""

    def shutdown(self) -> None:
        """Leaves the mesh and ends the process as soon as the answer to this has gone out."""

    def revoke(self, public: str) -> None:
        """Takes back a public key: its connections are mute at once. InputError if no such key is allowed."""
