"""An island: one population on one table, and the commands it obeys.

    island = Island(dataset, Parameters(population_size=1000), seed=1)
    island.create()
    island.advance(100)
    for entry in island.front(): print(entry.size, entry.loss, entry.formula)

One command runs at a time; what reads (vgp/readable.py) may be called from other threads while it does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vgp import checkpoint, consistency, eras, genome, immigration, revaluation, state
from vgp.atomic_file import PathLike
from vgp.blocks import use_blocks, with_found_blocks
from vgp.checkpoint import Saved
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.evolution import Engine
from vgp.footing import Footing
from vgp.front import rounding_loss
from vgp.lineage import Lineage
from vgp.living_front import LivingFront
from vgp.moving import carry_over, holding_to, refuse_other_columns
from vgp.own_loss import LossFunction
from vgp.parameters import Parameters, changed_live
from vgp.readable import Readable
from vgp.sandbox import Sandbox
from vgp.starting import ImportReport, found, read_formulas
from vgp.turns import Turns

__all__ = ["ImportReport", "Island"]

STORE_FIELDS = ("population_size", "births_per_tick", "library_size", "max_size", "max_expanded_size")
LOSS_FIELDS = ("loss", "huber_delta", "linear_scaling", "lexicase_selection")  # lexicase needs errors of single rows


class Island(Readable):
    """One population of organisms evolving on one table.

    Args:
        dataset: the table, with a target.
        parameters: see `Parameters`.
        seed: of the random numbers; the same seed, machine and parameters give the same run to the last bit.
        sandbox: "on" executes organisms in the locked-down process; "off" in this process.
        loss_function: losses in Python instead of the built-in loss: f(outputs [n, rows], target [rows]) -> losses [n];
            a loss that is not finite marks the organism as invalid. Linear scaling is then off.
        data_file: of this table in the parameters' precision, written by `Dataset.write`; it must stay as it is for as long as the
            island lives. Islands of one machine that map the same file share its memory. Without it: a private temporary file.

    Raises InputError (unusable data or parameters), SandboxError, MemoryError.
    """

    def __init__(
        self,
        dataset: Dataset,
        parameters: Parameters | None = None,
        *,
        seed: int = 0,
        sandbox: str = "on",
        loss_function: LossFunction | None = None,
        data_file: PathLike | None = None,
    ) -> None:
        if dataset.y is None:
            raise InputError("the table has no target column; name the column to explain")
        self.dataset = dataset
        self.parameters = parameters or Parameters()
        self.seed = seed
        self._names = dataset.names
        self._variance = dataset.target_variance()
        self._rounding = rounding_loss(dataset.y, self.parameters.precision)
        self.own_loss = loss_function is not None
        self._began_with: dict[str, Any] = {"sandbox": sandbox, "loss_function": loss_function}
        self.damaged: tuple[str, ...] = ()
        self.lineage: Lineage | None = None
        self._turns = Turns()
        self._resources = contextlib.ExitStack()
        try:
            self._start(**self._began_with, data_file=data_file)
        except BaseException:
            self._resources.close()
            raise

    def _start(self, **began_with: Any) -> None:
        parameters = self.parameters
        self._footing = self._resources.enter_context(Footing(self.dataset, parameters, seed=self.seed, **began_with))
        self._engine = Engine(parameters, self.dataset.n_variables, self.sandbox.n_rows, self.sandbox, self.seed % 2**64)
        self._footing.carry(self._engine)
        self._front = LivingFront(self._engine, self._names)
        if self.dataset.units is not None:
            self._engine.hold_to(self.dataset.units, parameters)
        use_blocks(self._engine, parameters, self.dataset)

    @property
    def sandbox(self) -> Sandbox:
        """The one that evaluates now: a new one with every mini-batch."""
        return self._footing.ground.sandbox

    @property
    def on_minibatches(self) -> bool:
        """Whether losses are those on some of the rows; `vgp.whole_table.front_on_all_rows` gives those on all."""
        return self._footing.partial

    # --- the commands ---

    def create(self, formulas: Sequence[str] = ()) -> ImportReport:
        """Creates the population: first the given formulas over the columns' names, then mutated copies of them
        (`start_share` of the population), then random organisms until it is full. Reports on the formulas.

        Raises FormulaError for a formula that cannot be read, InputError for one that this island must refuse (too long, units that
        do not hold), or if no random formula has finite values on the table.
        """
        with self._command():
            genomes = read_formulas(self._engine, formulas, self._names)
            self.parameters = self.parameters if self.own_loss else with_found_blocks(self.parameters, self.dataset)
            use_blocks(self._engine, self.parameters, self.dataset)
            return found(self._engine, genomes, self.parameters.start_share)

    def update(self, **changes: Any) -> Parameters:
        """Changes parameters while the island lives; returns the new set. A changed loss is applied to all the living at once.

        Raises InputError for an unknown name, a bad value, or a parameter that is fixed at creation.
        """
        with self._command():
            before = self.parameters
            updated, changed = changed_live(before, changes, beside_units=self.dataset.units is not None)
            if changed & set(STORE_FIELDS):
                state.resize(self._engine, updated)
            self._take(updated)
            if changed & set(LOSS_FIELDS):
                try:
                    revaluation.evaluate_again(self._engine)
                except BaseException:  # the living kept the losses that they had
                    self._take(updated.replace(**{name: getattr(before, name) for name in LOSS_FIELDS}))
                    raise
            return self.parameters

    def _take(self, parameters: Parameters) -> None:
        self._engine.configure(parameters)
        self.parameters = parameters

    def advance(self, ticks: int = 1) -> np.void:
        """Runs ticks and returns the last one's record. Ctrl-C ends it at once and leaves a consistent island."""
        for _ in range(ticks):
            with self._command():
                self._engine.tick()
                if self.on_minibatches:
                    self._footing.follow(self._engine, self.tick)
                if (patience := self.parameters.restart_after) and eras.stagnant(self._engine, patience):
                    eras.restart(self._engine)
        return self.latest()

    def checkpoint(self, path: PathLike, *, keep: int = 1) -> None:
        """Writes the resumable state atomically; the `keep` files before it stay as path.1, ... Raises CheckpointError."""
        with self._command():
            checkpoint.save(path, self.description(), state.sections(self._engine), keep=keep)

    @classmethod
    def resume(
        cls,
        path: PathLike,
        dataset: Dataset,
        *,
        sandbox: str = "on",
        loss_function: LossFunction | None = None,
        data_file: PathLike | None = None,
        moved: bool = False,
        **changes: Any,
    ) -> Island:
        """The island of a checkpoint, on the same table; `changes` update parameters after it.

        A damaged file is passed over for the one before it (`island.damaged` names it). moved=True: the table may have other rows,
        under which all the living are evaluated anew, see `moved`. Raises CheckpointError, InputError for other columns.
        """
        fingerprint = dataset.fingerprint()
        saved = checkpoint.load(path, None if moved else fingerprint, own_loss=loss_function is not None)
        if len(saved.seeds) != 1:
            raise CheckpointError(f"{saved.path}: holds {len(saved.seeds)} islands; resume it as an Archipelago")
        if moved:
            refuse_other_columns(saved.path, saved.names, saved.target, dataset)
        dataset = holding_to(saved.path, saved.units, dataset)
        began_with: dict[str, Any] = {"sandbox": sandbox, "loss_function": loss_function, "data_file": data_file}
        island = cls(dataset, saved.parameters, seed=saved.seeds[0], **began_with)
        try:
            island._restore(saved, saved.sections)
            if saved.fingerprint != fingerprint:
                revaluation.evaluate_again(island._engine)
            if changes:
                island.update(**changes)
        except BaseException:
            island.close()
            raise
        return island

    def _restore(self, saved: Saved, sections: Mapping[str, Any]) -> None:
        """Becomes the island of these sections of a checkpoint."""
        self.restore(sections, saved.path)
        self.damaged = saved.damaged

    def restore(self, sections: Mapping[str, Any], origin: str) -> None:
        """A fresh island becomes that of these sections, on the rows that it stood on. Raises CheckpointError with the origin."""
        checkpoint.naming(origin, state.restore, self._engine, sections)
        self._footing.follow(self._engine, self.tick, again=False)

    def sections(self) -> dict[str, Any]:
        """The engine's state for `restore`: views that hold until the next command."""
        return dict(state.sections(self._engine))

    def moved(self, dataset: Dataset, *, data_file: PathLike | None = None) -> Island:
        """A new island with this one's parameters, population and ticks, on another table with the same columns and target.

        Every living organism is evaluated anew; those without finite values die, and if all do, `create` founds a new population.
        This island stays as it is. Raises InputError for other columns.
        """
        refuse_other_columns("this island", self._names, self.dataset.target, dataset)
        dataset = holding_to("this island", self.dataset.units, dataset)
        island = Island(dataset, self.parameters, seed=self.seed, data_file=data_file, **self._began_with)
        try:
            with self._command():
                carry_over(self._engine, island._engine)
                island._footing.follow(island._engine, island.tick, again=False)
                revaluation.evaluate_again(island._engine)
        except BaseException:
            island.close()
            raise
        return island

    def import_(self, data: bytes, *, replace: str = "predators", protection: int = 0) -> ImportReport:
        """Installs the organisms of a portable record; the exported ones are evaluated as strangers and join the living.

        replace: whom they replace in a full population. "predators": whom a predator eats, perhaps the immigrant itself. Of
            `predator_sample` organisms that are not the best of their size: "worst", the one with the highest loss; "alike", the
            one that errs most like the immigrant. "random": any of them. With these three an immigrant always finds room there.
        protection: ticks for which predators, starvation and other immigrants leave them alone, as long as no more than a
            quarter of the population is protected.

        Raises RecordError if the bytes are no record. A genome that does not fit this island is counted in the report.
        """
        bundle = genome.decode_bundle(data, open=True)
        engine, came = self._engine, (bundle.nodes, bundle.offsets, bundle.is_root)
        with self._command():
            return ImportReport(**immigration.immigrate(engine, *came, replace=replace, protection=protection))

    def follow_lineage(self) -> None:
        """From now on remembers whom the living descend from. Not in checkpoints: resumed, those who live then are founders."""
        with self._command():
            self.lineage = self.lineage or Lineage(self._engine)
            self._turns.at_end = self.lineage.note

    def interrupt(self, on: bool = True) -> None:
        """Makes what another thread is evaluating here end with KeyboardInterrupt within 50 ms; False takes it back."""
        self._engine.interrupt(on)

    def check(self) -> str | None:
        """None, or which invariant of the store is broken (for tests and bug reports)."""
        with self._command():
            return consistency.check(self._engine)

    def close(self) -> None:
        """Ends the sandbox and removes the data file. The island cannot be used afterwards."""
        with self._command():
            self._resources.close()

    def __enter__(self) -> Island:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _command(self) -> contextlib.AbstractContextManager[None]:
        return self._turns.take()
