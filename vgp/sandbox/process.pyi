from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from vgp.layout import Genome, Offsets, Resolve

EXECUTABLE: Path
LEVELS: dict[str, int]

class ExecutorHandle: ...

class Sandbox(ExecutorHandle):
    n_rows: int
    padded_rows: int
    n_variables: int
    dtype: np.dtype[Any]
    cpu_seconds: float
    def __init__(
        self,
        data_path: str | PathLike[str],
        *,
        mode: Literal["on", "off"] | str = "on",
        max_organisms: int = 4096,
        max_nodes: int = 262144,
        memory_bytes: int = 0,
        cache_bytes: int = 67108864,
        outputs_rows: int = 0,
        cpu_seconds: float = 1.0,
        wall_seconds: float = 60.0,
        executable: str | PathLike[str] | None = None,
    ) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def close(self) -> None: ...
    def evaluate(
        self,
        nodes: Genome,
        offsets: Offsets,
        *,
        loss: str = "squared",
        linear_scaling: bool = True,
        huber_delta: float = 1.0,
        resolve: Resolve | None = None,
        probe_errors: bool = False,
    ) -> npt.NDArray[Any]: ...
    def outputs(self, nodes: Genome, offsets: Offsets, *, resolve: Resolve | None = None) -> npt.NDArray[np.floating[Any]]: ...
    def tune(
        self,
        nodes: Genome,
        offsets: Offsets,
        *,
        steps: int = 10,
        rows: int = 0,
        loss: str = "squared",
        linear_scaling: bool = True,
        huber_delta: float = 1.0,
        resolve: Resolve | None = None,
    ) -> tuple[Genome, npt.NDArray[Any]]: ...
    def standard_errors(
        self,
        genome: Genome,
        *,
        loss: str = "squared",
        linear_scaling: bool = True,
        huber_delta: float = 1.0,
        resolve: Resolve | None = None,
    ) -> tuple[npt.NDArray[np.float64], float, float]: ...
    def report(self) -> dict[str, Any]: ...
