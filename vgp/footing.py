"""What a population stands on: all rows of its table, or a mini-batch of them that changes every few ticks.

A few thousand rows tell of most organisms what millions do. A mini-batch is a table of its own, in a sandbox of its own; when it
gives way to the next one, all the living are evaluated anew. Which rows it has depends on seed and tick alone, so a resumed run
stands where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np

from vgp import exchange, founding, revaluation
from vgp.atomic_file import PathLike
from vgp.dataset import Dataset
from vgp.errors import InputError
from vgp.evolution import Engine
from vgp.own_loss import LossFunction, judge
from vgp.parameters import Parameters
from vgp.sandbox import Sandbox

DRAWS = 8  # of rows that are no table (one value of the target, no weight), before all rows are taken


@dataclass(frozen=True)
class Ground:
    """Some rows and the sandbox that has mapped them."""

    number: int  # of the mini-batch
    table: Dataset
    sandbox: Sandbox
    close: Callable[[], None]


class Footing:
    """The rows that an island stands on, and the sandbox that evaluates on them. `data_file`: of all rows, if there is one."""

    def __init__(
        self,
        dataset: Dataset,
        parameters: Parameters,
        *,
        seed: int,
        sandbox: str,
        loss_function: LossFunction | None,
        data_file: PathLike | None,
    ) -> None:
        self._dataset, self._parameters, self._seed = dataset, parameters, seed % 2**64
        self._sandbox, self._loss_function, self._data_file = sandbox, loss_function, data_file
        if data_file is not None:
            dataset.check_file(data_file, parameters.precision)
        elif self.partial:
            dataset.check_precision(parameters.precision)  # now, not when a row is drawn that is out of range
        self.ground = self._ground(0)

    @property
    def partial(self) -> bool:
        """Whether this is a mini-batch."""
        return 0 < self._parameters.minibatch_rows < self._dataset.n_rows

    def carry(self, engine: Engine) -> None:
        """The engine evaluates here from now on."""
        sandbox = self.ground.sandbox
        revaluation.stand_on(engine, sandbox, sandbox.n_rows)
        if self._loss_function is not None:
            of_these_rows = partial(judge, self._loss_function, np.array(self.ground.table.y))
            engine.use_judge(of_these_rows, sandbox.padded_rows, self._parameters.precision == "float64")

    def follow(self, engine: Engine, tick: int, *, again: bool = True) -> None:
        """Moves on if another mini-batch is due; `again`: and evaluates all the living there, or founds others if they die.

        Raises what an evaluation raises; the engine then stands where it stood.
        """
        number = tick // self._parameters.minibatch_ticks if self.partial else 0
        if number == self.ground.number:
            return
        before, self.ground = self.ground, self._ground(number)
        self.carry(engine)
        try:
            if again:
                revaluation.evaluate_again(engine)
        except BaseException:
            left, self.ground = self.ground, before
            self.carry(engine)
            left.close()
            raise
        before.close()
        if again and not len(exchange.sample(engine, 1, 0)):
            founding.create(engine, recorded=False)

    def __enter__(self) -> Footing:
        return self

    def __exit__(self, *_: object) -> None:
        self.ground.close()

    def _ground(self, number: int) -> Ground:
        parameters = self._parameters
        with ExitStack() as stack:
            table = self._rows(number) if self.partial else self._dataset
            path = self._data_file if table is self._dataset else None
            if path is None:
                path = stack.enter_context(table.temporary(parameters.precision))
            sandbox = stack.enter_context(
                Sandbox(
                    path,
                    mode=self._sandbox,
                    memory_bytes=parameters.memory_bytes,
                    cache_bytes=parameters.cache_bytes,
                    cpu_seconds=parameters.cpu_seconds,
                )
            )
            return Ground(number, table, sandbox, stack.pop_all().close)

    def _rows(self, number: int) -> Dataset:
        """The mini-batch of that number: rows drawn without replacement, in the table's order."""
        random = np.random.default_rng([self._seed, number])
        n, of = self._parameters.minibatch_rows, self._dataset.n_rows
        for _ in range(DRAWS):
            try:
                some = self._dataset.taking(np.sort(random.choice(of, n, replace=False)))
                some.check_precision(self._parameters.precision)
                return some
            except InputError:  # one value of the target, or no weight, in all of them
                continue
        return self._dataset
