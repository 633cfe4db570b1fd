import os
from typing import Any

import numpy as np
import numpy.typing as npt

from vgp.layout import Genome, Offsets, Resolve

def instruction_sets() -> list[str]: ...
def apply(
    function: str, a: float, b: float = 0.0, c: float = 0.0, *, precision: str = "float64", instruction_set: str | None = None
) -> float: ...
def derivative(
    function: str,
    operand: int,
    a: float,
    b: float = 0.0,
    c: float = 0.0,
    *,
    precision: str = "float64",
    instruction_set: str | None = None,
) -> float | None: ...

class Evaluator:
    @property
    def instruction_set(self) -> str: ...
    @property
    def n_rows(self) -> int: ...
    @property
    def n_variables(self) -> int: ...
    @property
    def precision(self) -> str: ...
    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | bytearray | memoryview,
        *,
        cache_bytes: int = ...,
        instruction_set: str | None = None,
    ) -> None: ...
    def counters(self) -> tuple[int, int]: ...
    def evaluate(
        self,
        nodes: Genome,
        offsets: Offsets,
        loss: str = "squared",
        linear_scaling: bool = True,
        huber_delta: float = 1.0,
        resolve: Resolve | None = None,
        probe_errors: bool = False,
    ) -> npt.NDArray[np.void]: ...
    def tune(
        self,
        nodes: Genome,
        offsets: Offsets,
        steps: int = 10,
        rows: int = 0,
        loss: str = "squared",
        linear_scaling: bool = True,
        huber_delta: float = 1.0,
        resolve: Resolve | None = None,
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.void]]: ...
    def outputs(self, nodes: Genome, offsets: Offsets, resolve: Resolve | None = None) -> npt.NDArray[np.floating[Any]]: ...
